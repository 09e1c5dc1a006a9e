"""Scorers: Python code that says which branches go on."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from math import isnan
from pathlib import Path
from typing import Any

from attrs import field, frozen

from mjflow.engine.threads import in_thread
from mjflow.errors import InvalidInput, MjflowError, ScorerFailed
from mjflow.flow.machine.commands import Candidate, Pick
from mjflow.protocol.task import Task

#: Takes a `Scored`, gives a number, or an awaitable of one: the higher, the better.
Scorer = Callable[..., Any]

#: Fetches a candidate's picture.
Fetch = Callable[[Candidate], Awaitable[bytes]]


@frozen(kw_only=True)
class Scored:
    """A branch as a scorer sees it."""

    task: Task
    #: The buttons that led here, such as `U1 > Vary (Region)`.
    branch: str
    #: The values of the item.
    values: Mapping[str, str]
    _read: Callable[[], Awaitable[bytes]] = field(repr=False)
    _picture: bytes | None = field(default=None, repr=False)

    @property
    def picture(self) -> bytes:
        """
        The picture's bytes, for a plain function; an async one awaits `read()`.

        Raises:
            InvalidInput: The scorer is an async one.
        """
        if self._picture is None:
            raise InvalidInput(
                "an async scorer fetches the picture itself", advice="Write: await candidate.read()"
            )
        return self._picture

    async def read(self) -> bytes:
        """
        Fetch the picture.

        Raises:
            DownloadFailed: It could not be fetched whole.
        """
        return await self._read() if self._picture is None else self._picture


def scorer_of(named: str | Scorer, given: Mapping[str, Scorer]) -> Scorer:
    """
    Find a scorer: the callable itself, one that the run was given, or `module:function`; blocking.

    Raises:
        InvalidInput: There is none of that name.
    """
    if callable(named):
        return named
    if named in given:
        return given[named]
    module, _, name = named.partition(":")
    if not name:
        raise InvalidInput(
            f"there is no scorer {named!r}",
            advice=f"Give it to the run, scorers={{{named!r}: function}}, "
            "or write it as module:function.",
        )
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise InvalidInput(f"the scorer {named!r} cannot be imported: {error}") from error
    if not callable(found):
        raise InvalidInput(f"the scorer {named!r} is no function")
    scorer: Scorer = found
    return scorer


async def best_of(
    pick: Pick, scorer: Scorer, values: Mapping[str, str], fetch: Fetch
) -> tuple[int, ...]:
    """
    Score the candidates, one after the other, and return the places of the best, best first.

    Of equals the first one goes before the others.

    Raises:
        ScorerFailed: The scorer raised something, or gave no number.
        DownloadFailed: A candidate's picture could not be fetched.
    """
    scores = [await _score(one, pick, scorer, values, fetch) for one in pick.candidates]
    order = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    return tuple(order[: pick.best])


async def _score(
    one: Candidate, pick: Pick, scorer: Scorer, values: Mapping[str, str], fetch: Fetch
) -> float:
    is_async = inspect.iscoroutinefunction(scorer) or inspect.iscoroutinefunction(
        getattr(scorer, "__call__", None)  # noqa: B004 - of an object, to look at it
    )
    scored = Scored(
        task=one.task,
        branch=one.branch,
        values=values,
        read=lambda: fetch(one),
        picture=None if is_async else await fetch(one),
    )
    try:
        score = scorer(scored) if is_async else await in_thread(scorer, scored)
        return _number(await score if inspect.isawaitable(score) else score, pick)
    except MjflowError:
        raise
    except Exception as error:
        raise _failed(pick, one, error) from error


def _number(score: object, pick: Pick) -> float:
    if isinstance(score, bool) or not hasattr(score, "__float__"):
        raise ScorerFailed(f"the scorer {name_of(pick.scorer)} gave {score!r}, which is no number")
    number = float(score)
    if isnan(number):
        raise ScorerFailed(f"the scorer {name_of(pick.scorer)} gave NaN, which is no number")
    return number


def _failed(pick: Pick, one: Candidate, error: Exception) -> ScorerFailed:
    frames: Sequence[traceback.FrameSummary] = traceback.extract_tb(error.__traceback__)
    where = f", in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return ScorerFailed(
        f"the scorer {name_of(pick.scorer)} raised {error!r} for the branch {one.branch!r}{where}"
    )


def name_of(scorer: str | Scorer) -> str:
    """Name a scorer for people."""
    return repr(scorer if isinstance(scorer, str) else getattr(scorer, "__qualname__", scorer))
