"""What the server behind does with each kind of submit, and what a gateway checks before."""

from __future__ import annotations

from mjflow.simulator.acts.table import ACTS, Act

__all__ = ["ACTS", "Act"]
