"""
For tests of programs that use mjflow: a simulator, virtual time, and what to assert.

Its fixtures come with mjflow: `mjflow_simulator`, `mjflow_client` and `mjflow_ledger` are there in
every pytest run, and do nothing until a test asks for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mjflow.protocol.verdicts import NotSent, Reply, Unanswered
    from mjflow.simulator import FAULTS, PROFILES, Entry, Fault, Ledger, Profile, Simulator, Submit
    from mjflow.testing.books import assert_paid_once
    from mjflow.testing.clock import VirtualLoop, run, virtual_time
    from mjflow.testing.scripted import ScriptedTransport, Sent
    from mjflow.testing.stuck import Stuck

#: Where each public name lives; it is imported when it is first used, as those of `mjflow`.
_HOMES = {
    "protocol.verdicts": ("NotSent", "Reply", "Unanswered"),
    "simulator": (
        "FAULTS",
        "PROFILES",
        "Entry",
        "Fault",
        "Ledger",
        "Profile",
        "Simulator",
        "Submit",
    ),
    "testing.books": ("assert_paid_once",),
    "testing.clock": ("VirtualLoop", "run", "virtual_time"),
    "testing.scripted": ("ScriptedTransport", "Sent"),
    "testing.stuck": ("Stuck",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "FAULTS",
    "PROFILES",
    "Entry",
    "Fault",
    "Ledger",
    "NotSent",
    "Profile",
    "Reply",
    "ScriptedTransport",
    "Sent",
    "Simulator",
    "Stuck",
    "Submit",
    "Unanswered",
    "VirtualLoop",
    "assert_paid_once",
    "run",
    "virtual_time",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'mjflow.testing' has no attribute {name!r}")
    value = getattr(import_module(f"mjflow.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
