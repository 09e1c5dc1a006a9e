"""Faults that are switched on: how often each strikes, and how many times."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from attrs import field, frozen, validators

from mjflow.simulator.faults.catalogue import CATALOGUE, FAULTS, Where

Item = TypeVar("Item")


def _check_name(_: object, __: object, name: str) -> None:
    if name not in FAULTS:
        raise ValueError(f"unknown fault {name!r}; there are: {', '.join(FAULTS)}")


def _check_place(fault: Fault, _: object, at: Where | None) -> None:
    occasions = CATALOGUE[fault.name].occasions
    if at is not None and at not in occasions:
        names = ", ".join(where.value for where in occasions)
        raise ValueError(f"{fault.name!r} can't strike {at.value}; it must be one of: {names}")


def _where(at: Where | str | None) -> Where | None:
    return None if at is None else Where(at)


@frozen
class Fault:
    """
    One kind of fault, switched on.

    `rate` is the chance at each occasion, 0 to 1; `count` is how many times it may strike
    in all, None for any number; `at` leaves it to one kind of occasion, None to all it has.
    """

    name: str = field(validator=_check_name)
    rate: float = field(default=1.0, validator=[validators.ge(0), validators.le(1)])
    count: int | None = field(default=None, validator=validators.optional(validators.ge(0)))
    at: Where | None = field(default=None, converter=_where, validator=_check_place)

    @classmethod
    def parse(cls, text: str) -> Fault:
        """
        Read `name`, `name=RATE` or `name=RATE:COUNT`, as on a command line.

        Behind the name, `@submits`, `@clicks`, `@answers` or another occasion may stand.

        Raises:
            ValueError: The name is unknown, or a number is no number or out of range.
        """
        name, _, rest = text.partition("=")
        name, _, at = name.partition("@")
        rate, _, count = rest.partition(":")
        times = int(count) if count else None
        return cls(name.strip(), float(rate or 1.0), times, at.strip() or None)


#: How faults are given: chances by name, or `Fault`s, or texts as `Fault.parse` reads.
Given: TypeAlias = Mapping[str, float] | Iterable[Fault | str]


class Faults:
    """The faults that are on, each with dice of its own, so that one never disturbs another."""

    def __init__(self, given: Given, seed: int, profile: str = "") -> None:
        self._seed = seed
        self._profile = profile
        self._on: dict[str, Fault] = {}
        self._dice: dict[str, random.Random] = {}
        self._occasion: Where | None = None
        #: How often each has struck.
        self.struck: Counter[str] = Counter()
        #: The faults that struck while the present request was answered, in order.
        self.recent: list[str] = []
        for fault in _read(given):
            self.switch(fault)

    def switch(self, fault: Fault | str) -> None:
        """Switch a fault on, or change the one of that name; strikes count from now."""
        fault = Fault.parse(fault) if isinstance(fault, str) else fault
        self._on[fault.name] = fault
        self._dice.setdefault(fault.name, random.Random(f"{self._seed}:{fault.name}"))
        del self.struck[fault.name]

    def clear(self) -> None:
        """Switch every fault off."""
        self._on.clear()

    @property
    def quiet(self) -> bool:
        """Whether none is on."""
        return not self._on

    def begin(self, occasion: Where) -> None:
        """Say what is going on; what strikes from now on is of this occasion."""
        self._occasion = occasion
        self.recent.clear()

    def strikes(self, name: str) -> bool:
        """Decide whether the named fault strikes at this occasion."""
        fault = self._on.get(name)
        if fault is None or not self._fits(fault) or self.struck[name] == fault.count:
            return False
        if fault.rate < 1 and self._dice[name].random() >= fault.rate:
            return False
        self.struck[name] += 1
        self.recent.append(name)
        return True

    def _fits(self, fault: Fault) -> bool:
        if fault.at not in (None, self._occasion):
            return False
        return not self._profile or self._profile in CATALOGUE[fault.name].profiles

    def pick(self, name: str, items: Sequence[Item]) -> Item:
        """Let the dice of a fault that struck choose one of several ways."""
        return self._dice[name].choice(items)

    def shuffle(self, name: str, items: list[Item]) -> None:
        """Let the dice of a fault that struck choose an order."""
        self._dice[name].shuffle(items)


def _read(given: Given) -> Iterable[Fault | str]:
    if isinstance(given, Mapping):
        return [f"{name}={rate}" for name, rate in given.items()]
    return given
