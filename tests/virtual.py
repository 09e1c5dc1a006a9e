"""Virtual time for our own tests; see `mjflow.testing.clock`."""

from mjflow.testing.clock import VirtualLoop, virtual_time

__all__ = ["VirtualLoop", "virtual_time"]
