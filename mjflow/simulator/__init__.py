"""
A fake of the servers mjflow talks to, on loopback, faults and prices included.

It is written from the facts of the wire alone and shares no code with the client, so that
a fact misread on one side fails on the other.
"""

from __future__ import annotations

from mjflow.simulator.faults import CATALOGUE, FAULTS, Fault, Where
from mjflow.simulator.ledger import Entry, Ledger, Submit
from mjflow.simulator.profiles import BUILDS, PROFILES, Profile
from mjflow.simulator.server import Simulator

__all__ = [
    "BUILDS",
    "CATALOGUE",
    "FAULTS",
    "PROFILES",
    "Entry",
    "Fault",
    "Ledger",
    "Profile",
    "Simulator",
    "Submit",
    "Where",
]
