"""What a plan comes to: tasks and requests, their price, and how long they take; plain numbers."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, evolve, field, frozen

from mjflow.protocol.prices import Price, Prices
from mjflow.protocol.requests import Mode

_NOTHING = Price(0.0)

#: By the wire's word for the act, the seconds that a task takes from submit to end (P§10).
#
# Middles of what the sources tell, and guesses where they tell nothing.
_SECONDS: Mapping[str, float] = {
    "UPSCALE": 4.0,
    "DESCRIBE": 10.0,
    "SHORTEN": 8.0,
    "SWAP_FACE": 30.0,
    "VIDEO": 120.0,
    "VIDEO_EXTEND": 120.0,
    "BOOKMARK": 2.0,
}
#: Of all that draws a new grid, by mode; without one as long as in fast mode.
_DRAWN = {Mode.RELAX: 180.0, Mode.FAST: 50.0, Mode.TURBO: 15.0}


def seconds_of(action: str, mode: Mode | None) -> float:
    """Return how long a task takes at the server, as a rule; seconds."""
    return _SECONDS.get(action) or _DRAWN[mode or Mode.FAST]


@frozen(kw_only=True)
class Entry:
    """What one step will have done on one branch, in numbers."""

    #: The price list's word for it.
    action: str
    mode: Mode | None = None
    #: Tasks that it starts.
    tasks: int = 1
    #: Whether it is the answer to a dialog, which goes on with a task that is there.
    answer: bool = False


@frozen(kw_only=True)
class Line:
    """All that is charged by one word of the price list, in one mode."""

    action: str
    mode: Mode | None
    #: Tasks that are started; answers to dialogs start none.
    tasks: int
    #: How often it is charged.
    charges: int
    cost: Price


@frozen(kw_only=True)
class Requests:
    """How often the server is asked for something."""

    submits: int = 0
    #: Answers to dialogs.
    answers: int = 0
    downloads: int = 0
    #: An estimate.
    looks: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.submits + self.answers + self.downloads + self.looks


@frozen(kw_only=True)
class Bill:
    """What a plan comes to."""

    #: In the order in which the steps come to them.
    lines: tuple[Line, ...] = ()
    requests: Requests = Requests()
    #: An estimate of the wall time, in seconds.
    seconds: float = 0.0
    #: What it may cost more where an account has remix mode on: the dialogs that then open.
    remix: Price = _NOTHING
    #: Whether some of it depends on conditions that only the run can tell.
    at_most: bool = False

    @property
    def tasks(self) -> int:
        """Tasks that are started."""
        return sum(line.tasks for line in self.lines)

    @property
    def cost(self) -> Price:
        """What all of it costs."""
        total = sum((line.cost for line in self.lines), _NOTHING)
        return evolve(total, amount=round(total.amount, 6))


@define
class Tally:
    """Adds a bill up."""

    prices: Prices
    _charges: dict[tuple[str, Mode | None], int] = field(factory=dict)
    _tasks: dict[tuple[str, Mode | None], int] = field(factory=dict)
    _submits: int = 0
    _answers: int = 0
    _downloads: int = 0
    _remix: Price = _NOTHING
    #: Seconds of all tasks, one after the other; and of the longest way through an item.
    _work: float = 0.0
    _longest: float = 0.0
    _at_most: bool = False

    def add(self, entry: Entry, times: int = 1) -> None:
        """Count in what a step does, so many times."""
        if not times:
            return
        which = (entry.action, entry.mode)
        self._charges[which] = self._charges.get(which, 0) + times * (entry.tasks or entry.answer)
        self._tasks[which] = self._tasks.get(which, 0) + times * entry.tasks
        if entry.answer:
            self._answers += times
        else:
            self._submits += times
        self._work += times * entry.tasks * seconds_of(entry.action, entry.mode)

    def add_downloads(self, times: int) -> None:
        """Count in pictures that are fetched."""
        self._downloads += times

    def add_remix(self, mode: Mode | None, times: int) -> None:
        """Count in buttons that open a dialog where remix mode is on."""
        self._remix += self.prices.price("MODAL", mode) * times

    def doubt(self) -> None:
        """Note that some of it may not be done at all."""
        self._at_most = True

    def stretch(self, seconds: float) -> None:
        """Count in how long the longest way through an item takes."""
        self._longest = max(self._longest, seconds)

    def bill(self, *, in_flight: int, lag: float, interval: float) -> Bill:
        """
        Give the sum.

        Args:
            in_flight: Tasks that run at once.
            lag: Seconds from the end of a task until it is seen.
            interval: Seconds between two looks.
        """
        lines = tuple(map(self._line, self._charges))
        tasks = sum(self._tasks.values())
        at_once = max(1, min(in_flight, tasks))
        seconds = max(self._longest, (self._work + lag * tasks) / at_once) if tasks else 0.0
        # One look asks for up to a hundred tasks.
        looks = round(seconds / interval) * -(-at_once // 100)
        return Bill(
            lines=lines,
            requests=Requests(
                submits=self._submits,
                answers=self._answers,
                downloads=self._downloads,
                looks=looks,
            ),
            seconds=seconds,
            remix=self._remix,
            at_most=self._at_most,
        )

    def _line(self, which: tuple[str, Mode | None]) -> Line:
        charges = self._charges[which]
        return Line(
            action=which[0],
            mode=which[1],
            tasks=self._tasks[which],
            charges=charges,
            cost=self.prices.price(*which) * charges,
        )
