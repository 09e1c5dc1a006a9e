"""`doubts`: what may have been paid and nobody knows, listed and settled."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from mjflow.cli.bundles import NO_SANDBOX, Keeping, Terms
from mjflow.cli.journal.doubting import Doubtful, count_on_their_way, doubts_of
from mjflow.cli.journal.place import DEFAULT, existing
from mjflow.cli.journal.reading import configured, open_attempts, opened
from mjflow.cli.opening import Opening
from mjflow.cli.report import Report
from mjflow.cli.words import STATES, number
from mjflow.engine.pasts import IN_DOUBT
from mjflow.engine.settle import Word
from mjflow.errors import InvalidInput, SubmissionInDoubt
from mjflow.flow.names import nearest
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle

#: Characters of a token that say which one is meant: money hangs on it.
_ENOUGH = 4

_EXPLAINED = """\

Look for each among your provider's tasks: the state of the task begins with mj1. and the token.
  It is there:         mjflow doubts settle KEY --task ID
  There is none:       mjflow doubts write-off KEY
  Send it once more:   mjflow doubts resubmit KEY    (may be paid twice)
  Ask the server:      mjflow doubts look KEY        (where it lists its tasks)
KEY is what stands above in the first line, or how the token begins."""


@frozen(kw_only=True)
class Verdict:
    """What a person says of one doubt."""

    #: Its key, or its token.
    key: str
    word: Word
    task_id: str | None = None


async def list_doubts(
    report: Report, journal: Path | None, base_url: str | None, run: str | None
) -> None:
    """List what is in doubt, of one run if one is named; no server is asked."""
    path = existing(journal)
    if path is None:
        report.say(f"Nothing is in doubt: there is no journal yet ({DEFAULT}).")
        return
    async with opened(path) as store:
        attempts = await open_attempts(store, base_url)
    found, awaited = doubts_of(attempts, run), count_on_their_way(attempts)
    for doubt in found:
        _tell(report, doubt)
    if awaited:
        report.say(f"Sent a moment ago, and not answered yet: {number(awaited, 'request')}.")
    for line in _EXPLAINED.splitlines() if found else ["Nothing is in doubt."]:
        report.say(line)


def _tell(report: Report, doubt: Doubtful) -> None:
    report.tell(
        "doubt",
        *_lines(doubt),
        key=doubt.key,
        token=doubt.token,
        id=doubt.task_id,
        act=doubt.act,
        prompt=doubt.prompt or None,
        answer=doubt.answer,
        run=doubt.run or None,
        base_url=doubt.namespace,
        at=doubt.at.isoformat(),
        reason=doubt.reason,
        advice=doubt.advice,
        commands=_commands(doubt),
    )


def _lines(doubt: Doubtful) -> list[str]:
    lines = [doubt.name, f"  {doubt.what}", f"  {doubt.when}: {doubt.reason}"]
    if doubt.name != doubt.token:
        lines.append(f"  token {doubt.token}")
    if doubt.namespace != configured(None):
        lines.append(f"  at {doubt.namespace}")
    if doubt.answer or doubt.is_upload:
        lines.append(f"  {doubt.advice}")
    return lines


def _commands(doubt: Doubtful) -> list[str]:
    """Write the commands that settle it, ready for a shell; `ID` is for whoever has looked."""
    if doubt.is_upload:
        return []
    here = doubt.namespace == configured(None)
    more = [] if here else ["--base-url", doubt.namespace]
    verbs = (["look"], ["settle", "--task", "ID"], ["write-off"], ["resubmit"])
    return [
        shlex.join(["mjflow", "doubts", verb, doubt.name, *rest, *more]) for verb, *rest in verbs
    ]


# --- settling -----------------------------------------------------------------------------


async def settle(report: Report, verdict: Verdict, terms: Terms, keeping: Keeping) -> None:
    """
    Take a person's word on one doubt, or look once more.

    Raises:
        InvalidInput: There is no such doubt, or the task is another one; nothing has changed.
    """
    doubt = await _named(verdict.key, keeping.journal, terms.server.base_url)
    opening = Opening(report, terms, NO_SANDBOX, keeping)
    client = await opening.open()
    try:
        handle = next((one for one in await client.doubts() if one.key == doubt.key), None)
        if handle is None:
            report.say("It is in doubt no more.")
            return
        await handle.settle(verdict.word, task_id=verdict.task_id)
        if verdict.word == "resubmit" and not doubt.answer:
            await handle.submitted()
    finally:
        await opening.aclose()
    _tell_end(report, doubt, handle)


async def _named(key: str, journal: Path | None, base_url: str | None) -> Doubtful:
    """
    Find a doubt by its key, by its token, or by how the token begins.

    Raises:
        InvalidInput: There is none, or several begin so.
    """
    path = existing(journal)
    if path is None:
        raise InvalidInput(f"there is no journal here ({DEFAULT}), and so no doubt")
    async with opened(path) as store:
        doubts = doubts_of(await store.open(configured(base_url)), None)
        others = [] if base_url else doubts_of(await open_attempts(store, None), None)
    found = _meant(key, doubts)
    if len(found) == 1:
        return found[0]
    if found:
        raise InvalidInput(f"several tokens begin with {key!r}: write more of it")
    if elsewhere := _meant(key, others):
        raise InvalidInput(
            f"{key!r} is in doubt at another server: {elsewhere[0].namespace}",
            advice=f"Add --base-url {elsewhere[0].namespace}, and take the key for that server.",
        )
    raise _unknown(key, doubts)


def _meant(key: str, doubts: Sequence[Doubtful]) -> list[Doubtful]:
    exact = [doubt for doubt in doubts if key in (doubt.key, doubt.token)]
    if exact or len(key) < _ENOUGH:
        return exact
    return [doubt for doubt in doubts if doubt.token.startswith(key)]


def _unknown(key: str, doubts: Sequence[Doubtful]) -> InvalidInput:
    meant = nearest(key, [doubt.name for doubt in doubts])
    if meant is not None:
        return InvalidInput(f"{key!r} is not in doubt", advice=f"Did you mean {meant!r}?")
    return InvalidInput(f"{key!r} is not in doubt", advice="`mjflow doubts` lists what is.")


def _tell_end(report: Report, doubt: Doubtful, handle: TaskHandle) -> None:
    """Tell how it stands now, and how to go on."""
    state, task_id = handle.state, handle.id
    report.tell(
        "settled",
        f"{doubt.name}: {_SAID.get(state, STATES[state])}" + (f", task {task_id}" * bool(task_id)),
        key=doubt.key,
        token=doubt.token,
        id=task_id,
        state=state,
    )
    if state in IN_DOUBT:
        report.blame(SubmissionInDoubt.exit_code)
        report.say("Looking has proven nothing: only you can find out.")
    elif doubt.run:
        report.say(f"Go on with: mjflow resume {doubt.run}")
    elif state is State.MODAL:
        report.say(f"Its dialog is open again: mjflow modal {task_id} --prompt TEXT")
    elif task_id:
        report.say(f"Wait for it with: mjflow watch {task_id} --out DIR")


_SAID = {
    State.IN_DOUBT: "still in doubt",
    State.ANSWER_IN_DOUBT: "still in doubt",
    State.WITHDRAWN: "written off; the same may be asked for again",
    State.SUBMITTED: "found",
}
