"""What a kind of server lacks, told in one line before anything is paid: a plain function."""

from __future__ import annotations

from collections.abc import Sequence

from mjflow.cli.checks import Press
from mjflow.errors import InvalidInput, RequestRefused, UnknownButton
from mjflow.protocol import buttons
from mjflow.protocol.dialect import DIALECTS


def check_possible(dialect: str, act: str, presses: Sequence[Press] = ()) -> None:
    """
    Refuse what this kind of server cannot do.

    Args:
        dialect: The kind's name, as `Client.dialect` gives it.
        act: What the command begins with, by the name of the client's method.

    Raises:
        InvalidInput: It lacks the act or a button; says why not, and what would do.
    """
    spoken = DIALECTS[dialect]
    try:
        spoken.check_act(act)
        for press in presses:
            buttons.check_possible(press.name, spoken)
    except (RequestRefused, UnknownButton) as error:
        raise InvalidInput(f"{error.message}; {_small(error.advice)}") from error
    unheard = next((press for press in presses if press.prompt), None)
    if spoken.clicks == "change" and unheard is not None:
        raise InvalidInput(
            f"a {dialect} server opens no dialog on {unheard.label}, so --prompt would go unused; "
            "a gateway or a trueai server opens one in remix mode"
        )


def _small(advice: str) -> str:
    """Make a sentence the second half of another."""
    return advice[:1].lower() + advice[1:].removesuffix(".")
