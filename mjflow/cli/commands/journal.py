"""What is remembered: runs, doubts, and what to do about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cyclopts import App

from mjflow.cli import journal_options, options
from mjflow.cli.bundles import SERVER_AS_SET, Keeping, Server, Terms

if TYPE_CHECKING:
    from mjflow.engine.settle import Word

doubts = App(name="doubts", help_format="markdown", result_action="return_value")


@doubts.default
def list_doubts(
    *,
    run: journal_options.OfRun = None,
    journal: journal_options.Journal = None,
    server: Server = SERVER_AS_SET,
    json: options.Json = False,
) -> int:
    """List what was sent and never answered: it may have been paid, and nobody knows.

    This reads the journal alone, and needs neither a key nor a network.
    """
    from mjflow.cli.journal.doubts import list_doubts
    from mjflow.cli.run import run as carry_out

    return carry_out(lambda report: list_doubts(report, journal, server.base_url, run), json=json)


@doubts.command
def look(
    key: journal_options.DoubtKey,
    /,
    *,
    journal: journal_options.Journal = None,
    server: Server = SERVER_AS_SET,
    json: options.Json = False,
) -> int:
    """Look once more whether it has turned up, where the server lists its tasks."""
    return _settled(key, "look", None, journal, server, json=json)


@doubts.command
def settle(
    key: journal_options.DoubtKey,
    /,
    *,
    task: journal_options.FoundTask,
    journal: journal_options.Journal = None,
    server: Server = SERVER_AS_SET,
    json: options.Json = False,
) -> int:
    """Say which task it is: you have found it among your provider's tasks."""
    return _settled(key, "look", task, journal, server, json=json)


@doubts.command
def resubmit(
    key: journal_options.DoubtKey,
    /,
    *,
    journal: journal_options.Journal = None,
    server: Server = SERVER_AS_SET,
    json: options.Json = False,
) -> int:
    """Send it once more, at the risk of paying for it twice."""
    return _settled(key, "resubmit", None, journal, server, json=json)


@doubts.command
def write_off(
    key: journal_options.DoubtKey,
    /,
    *,
    journal: journal_options.Journal = None,
    server: Server = SERVER_AS_SET,
    json: options.Json = False,
) -> int:
    """Say that there is no such task: you have looked. The same may then be asked for again."""
    return _settled(key, "absent", None, journal, server, json=json)


def _settled(
    key: str,
    word: Word,
    task_id: str | None,
    journal: journal_options.Journal,
    server: Server,
    *,
    json: bool,
) -> int:
    from mjflow.cli.journal import doubts
    from mjflow.cli.run import run as carry_out

    verdict = doubts.Verdict(key=key, word=word, task_id=task_id)
    terms, keeping = Terms(server=server), Keeping(journal=journal)
    return carry_out(lambda report: doubts.settle(report, verdict, terms, keeping), json=json)


def runs(*, journal: journal_options.Journal = None, json: options.Json = False) -> int:
    """List the runs of flows that the journal knows, and how far each has come.

    This reads the journal alone, and needs neither a key nor a network.
    """
    from mjflow.cli.journal.runs import list_runs
    from mjflow.cli.run import run as carry_out

    return carry_out(lambda report: list_runs(report, journal), json=json)


def export(
    *,
    run: journal_options.OfRun = None,
    out: journal_options.Export = None,
    journal: journal_options.Journal = None,
) -> int:
    """Write all that the journal knows as JSON lines: runs, requests, and what came of them."""
    from mjflow.cli.journal.chores import export
    from mjflow.cli.run import run as carry_out

    return carry_out(lambda report: export(report, journal, run, out))


def prune(
    *,
    before: journal_options.Before,
    dry_run: journal_options.DryRun = False,
    journal: journal_options.Journal = None,
    json: options.Json = False,
) -> int:
    """Let the journal forget what ended long ago. Pictures stay, and so does all that is open.

    Who asks for a forgotten key again gets a new task, and pays for it.
    """
    from mjflow.cli.journal.chores import prune
    from mjflow.cli.run import run as carry_out

    return carry_out(lambda report: prune(report, journal, before, dry_run=dry_run), json=json)
