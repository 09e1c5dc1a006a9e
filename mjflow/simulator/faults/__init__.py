"""What can go wrong, by name: the catalogue, and the dice that decide when."""

from __future__ import annotations

from mjflow.simulator.faults.catalogue import CATALOGUE, FAULTS, Kind, Where
from mjflow.simulator.faults.dice import Fault, Faults, Given

__all__ = ["CATALOGUE", "FAULTS", "Fault", "Faults", "Given", "Kind", "Where"]
