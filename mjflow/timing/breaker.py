"""The breaker: no new submits while the server refuses the key or the account."""

from __future__ import annotations

from typing import Generic, TypeVar

from attrs import define, field

R = TypeVar("R")

# Seconds between probes: a person who tops up or replaces a key waits no longer than that, and
# a server that blocks repeated offenders sees one request a minute.
_PROBE_INTERVAL = 60.0

# Seconds until we stop hoping; the running tasks stay resumable.
_PATIENCE = 600.0


@define
class Breaker(Generic[R]):
    """
    A switch that opens when the server refuses us and closes when something works again.

    Open, it holds back new submits and lets one probe a minute through.  A refused *submit* is
    only disproved by an accepted submit: with an empty balance, looks go on working.  A refused
    look is disproved by anything that works.

    `R` is what the owner wants to remember as the reason.
    """

    #: Seconds between two probes.
    probe_interval: float = _PROBE_INTERVAL
    #: Seconds an open breaker is borne before `expired` says so.
    patience: float = _PATIENCE
    #: Refusals in a row, with nothing that disproves them in between, that it takes to open it.
    tolerance: int = 1
    #: Why it is open (the latest refusal); `None` while it is closed.
    reason: R | None = field(default=None, init=False)
    #: Since when it is open; `None` while it is closed.
    opened_at: float | None = field(default=None, init=False)
    _probed_at: float = field(default=0.0, init=False, repr=False)
    _by_submit: bool = field(default=False, init=False, repr=False)
    _ever_worked: bool = field(default=False, init=False, repr=False)
    _refusals: int = field(default=0, init=False, repr=False)

    def trip(self, now: float, reason: R, *, submit: bool = False) -> None:
        """
        Open, or stay open for another reason; the clock of `expired` is not set back.

        As long as they are fewer than its `tolerance`, the refusals are only counted.

        Args:
            submit: Whether it was a submit that was refused.
        """
        self._refusals += 1
        self._by_submit = self._by_submit or submit
        if self._refusals < self.tolerance:
            return
        if self.opened_at is None:
            self.opened_at = self._probed_at = now
        self.reason = reason

    def worked(self, *, submit: bool = False) -> None:
        """
        Learn that the server honoured a request; closes, if that disproves the reason.

        Args:
            submit: Whether it was a submit that was accepted.
        """
        self._ever_worked = True
        if submit or not self._by_submit:
            self.opened_at = self.reason = None
            self._by_submit = False
            self._refusals = 0

    def allows(self) -> bool:
        """Whether new submits may go out."""
        return self.opened_at is None

    def probe_due(self, now: float) -> bool:
        """Whether one request may be sent as a probe; call `probed` when it is."""
        return self.opened_at is not None and now >= self.next_probe

    @property
    def next_probe(self) -> float:
        """The instant from which a probe is due, while it is open."""
        return self._probed_at + self.probe_interval

    def probed(self, now: float) -> None:
        """Note that a probe is on its way; the next one is due a `probe_interval` later."""
        self._probed_at = now

    def expired(self, now: float) -> bool:
        """Whether to give up: at once when nothing ever worked, else after `patience` seconds."""
        if self.opened_at is None:
            return False
        return not self._ever_worked or now >= self.opened_at + self.patience
