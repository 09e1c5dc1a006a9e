"""Gates: only so many are inside at once, and who waits is let in by turns of the callers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from attrs import define

from mjflow.timing.limits import Window
from mjflow.timing.rotation import Rotation


class Gate:
    """
    A bound on how many are inside, and those who wait for it; whoever entered must `leave`.

    While there is room nobody waits.  It belongs to no event loop as long as nobody does.
    """

    __slots__ = ("_waiting", "window")

    def __init__(self, window: Window) -> None:
        self.window = window
        self._waiting: Rotation[_Turn] = Rotation()

    @property
    def idle(self) -> bool:
        """Whether nobody is inside and nobody waits."""
        return not self.window.taken and not self._waiting

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def take(self) -> None:
        """Count one in, whether there is room or not."""
        self.window.take()

    def leave(self) -> None:
        """Count one out, and let in who is next."""
        self.window.free()
        self.let_in()

    def let_in(self) -> None:
        """Let in those for whom there is room by now."""
        while self._waiting and self.window.has_room:
            turn = self._waiting.peek()
            if not turn.given.done():  # else it was cancelled a moment ago
                self._waiting.pop()
                self.window.take()
                turn.given.set_result(self)
            turn.withdraw()


@define(eq=False)
class _Turn:
    """One who waits at one or several gates, for the first that lets it in."""

    caller: str
    gates: tuple[Gate, ...]
    given: asyncio.Future[Gate]

    def line_up(self, *, first: bool) -> None:
        for gate in self.gates:
            gate._waiting.add(self.caller, self, first=first)

    def withdraw(self) -> None:
        for gate in self.gates:
            gate._waiting.discard(self.caller, self)


def with_room(gates: Iterable[Gate]) -> Gate | None:
    """Choose the first gate that has room; `None` if none has."""
    return next((gate for gate in gates if gate.window.has_room), None)


async def enter(gates: Sequence[Gate], caller: str = "", *, first: bool = False) -> Gate:
    """
    Enter one of several gates: the first that has room, else the one that first gets some.

    Args:
        caller: Callers take turns; for each of them it is first come, first served.
        first: Goes before all others of its caller.
    """
    gate = with_room(gates)
    if gate is not None:
        gate.take()
        return gate
    turn = _Turn(caller, tuple(gates), asyncio.get_running_loop().create_future())
    turn.line_up(first=first)
    try:
        return await turn.given
    except asyncio.CancelledError:
        if turn.given.cancelled():
            turn.withdraw()
        else:  # the place was given in the very moment we were cancelled
            turn.given.result().leave()
        raise
