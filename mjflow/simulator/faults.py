"""Faults: what goes wrong, how often, and how many times."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import field, frozen, validators

#: Every fault by its name, with what it does.
FAULTS: dict[str, str] = {
    # Before anything happened.
    "expired-key": "any request: 401, the key has expired",
    "http-502": "a submit: HTTP 502 with a web page; nothing was accepted",
    "queue-full": "a submit: code 23, the queue is full",
    "queue-full-429": "a submit: HTTP 429 with code 30, the gateway's group is saturated",
    # After the task was accepted.
    "lost-reply": "a submit: accepted and paid, then the connection breaks without an answer",
    "do-request-failed": "a submit: accepted behind, unpaid and unknown at the gateway; code 5",
    # Reads.
    "server-error": "a read: HTTP 500 with the gateway's own error",
    "cut-body": "a read or a picture: the body ends before its Content-Length",
    # What becomes of a task.
    "fails": "a task: ends in FAILURE with a reason that may pass",
    "never-ends": "a task: the server behind forgets it, and the gateway shows it running for ever",
    "forgets": "a task: the gateway itself no longer knows it after a while",
    "slow-refresh": "a task: the gateway looks at it only at every fourth refresh",
}


def _check_name(_: object, __: object, name: str) -> None:
    if name not in FAULTS:
        raise ValueError(f"unknown fault {name!r}; there are: {', '.join(FAULTS)}")


@frozen
class Fault:
    """
    One kind of fault, switched on.

    `rate` is the chance at each occasion, 0 to 1; `count` is how many times it may strike
    in all, None for any number.
    """

    name: str = field(validator=_check_name)
    rate: float = field(default=1.0, validator=[validators.ge(0), validators.le(1)])
    count: int | None = field(default=None, validator=validators.optional(validators.ge(0)))

    @classmethod
    def parse(cls, text: str) -> Fault:
        """
        Read `name`, `name=RATE` or `name=RATE:COUNT`, as on a command line.

        Raises:
            ValueError: The name is unknown, or a number is no number or out of range.
        """
        name, _, rest = text.partition("=")
        rate, _, count = rest.partition(":")
        return cls(name.strip(), float(rate or 1.0), int(count) if count else None)


class Faults:
    """The faults that are on, each with dice of its own, so that one never disturbs another."""

    def __init__(self, given: Mapping[str, float] | Iterable[Fault | str], seed: int) -> None:
        self._seed = seed
        self._on: dict[str, Fault] = {}
        self._dice: dict[str, random.Random] = {}
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

    def strikes(self, name: str) -> bool:
        """Decide whether the named fault strikes at this occasion."""
        fault = self._on.get(name)
        if fault is None or self.struck[name] == fault.count:
            return False
        if fault.rate < 1 and self._dice[name].random() >= fault.rate:
            return False
        self.struck[name] += 1
        self.recent.append(name)
        return True


def _read(given: Mapping[str, float] | Iterable[Fault | str]) -> Iterable[Fault | str]:
    if isinstance(given, Mapping):
        return [Fault(name, rate) for name, rate in given.items()]
    return given
