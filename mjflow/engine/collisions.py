"""
Keeps identical acts apart, for servers that tell tasks by their prompts.

Such a server gives the picture of one task to another when both have the same prompt and run at
the same time.
"""

from __future__ import annotations

from mjflow.engine.gates import Gate, enter
from mjflow.errors import InvalidInput
from mjflow.protocol import codec
from mjflow.protocol.requests import Submit
from mjflow.timing.limits import Window

_POLICIES = ("allow", "serialise")


class Collisions:
    """
    Lets only one act of each content be in flight, or, if it does not `serialise`, any number.

    It remembers what is in flight or waits, and nothing else.
    """

    def __init__(self, *, serialise: bool) -> None:
        self._serialise = serialise
        self._gates: dict[str, Gate] = {}

    def content(self, request: Submit | None) -> str:
        """Sum up what an act asks for; `""` where that is all the same."""
        return codec.digest(request) if self._serialise and request is not None else ""

    async def enter(self, content: str, caller: str, *, first: bool) -> None:
        """Wait until nothing with this content is in flight; whoever entered must `leave`."""
        if content:
            try:
                await enter((self._gate(content),), caller, first=first)
            finally:
                self._forget_if_idle(content)

    def take(self, content: str) -> None:
        """Count in what is in flight already, whatever else is."""
        if content:
            self._gate(content).take()

    def leave(self, content: str) -> None:
        """Let the next one with this content in."""
        if content:
            self._gates[content].leave()
            self._forget_if_idle(content)

    def _gate(self, content: str) -> Gate:
        return self._gates.setdefault(content, Gate(Window.fixed(1)))

    def _forget_if_idle(self, content: str) -> None:
        gate = self._gates.get(content)
        if gate is not None and gate.idle:
            del self._gates[content]


def collisions_named(policy: str) -> Collisions:
    """
    Return what a client's `collisions=` asks for.

    Raises:
        InvalidInput: It is neither `"allow"` nor `"serialise"`.
    """
    if policy not in _POLICIES:
        raise InvalidInput(f'collisions is "allow" or "serialise", not {policy!r}')
    return Collisions(serialise=policy == "serialise")
