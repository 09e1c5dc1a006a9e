"""What runs are called, and values of a flow's variables as they are typed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from mjflow.errors import InvalidInput
from mjflow.flow.names import advice
from mjflow.flow.running.runs import check_name, new_name


def named(given: str | None, flow: str, now: datetime) -> str:
    """
    Return a run's name: the one given, else the flow's name with date and time.

    Raises:
        InvalidInput: A run cannot be called so, or `resume` could not be told.
    """
    if given is not None:
        check_name(given)
        if given.startswith("-"):
            raise InvalidInput(f"a run cannot be called {given!r}: commands take it for an option")
        return given
    return new_name(flow, now.astimezone())


def unknown(name: str, names: Collection[str]) -> InvalidInput:
    """Say that there is no run of this name, and which may be meant."""
    meant = advice(name, names) or "`mjflow runs` lists those there are."
    return InvalidInput(f"there is no run {name!r}", advice=meant)


def settings(texts: Collection[str]) -> dict[str, str]:
    """
    Read values of variables as they are typed.

    Raises:
        InvalidInput: One is no NAME=VALUE, or a name comes twice.
    """
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name.strip() and equals):
            raise InvalidInput(f"--set {text!r} is no NAME=VALUE", advice="Such as --set ar=16:9")
        if name.strip() in values:
            raise InvalidInput(f"--set {name.strip()} is given twice")
        values[name.strip()] = value
    return values
