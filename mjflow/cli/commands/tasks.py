"""What can be done with a task that is there, by its id."""

from __future__ import annotations

from mjflow.cli import journal_options, options
from mjflow.cli.bundles import (
    KEEPING,
    NO_DIALOG,
    SAVING,
    SERVER_AS_SET,
    TERMS,
    Dialog,
    Keeping,
    Saving,
    Server,
    Terms,
)
from mjflow.cli.options import DEFAULT_NAME


def click(
    task_id: options.TaskId,
    button: options.Button,
    /,
    *,
    dialog: Dialog = NO_DIALOG,
    saving: Saving = SAVING,
    terms: Terms = TERMS,
    extra: options.Extra = (),
    keeping: Keeping = KEEPING,
    json: options.Json = False,
) -> int:
    """Press a button of a task, and save the result.

    A task that still runs is waited for. The button is looked up among those that the task has:
    `mjflow show` lists them.
    """
    from mjflow.cli import follow, run

    return run.run(
        lambda report: follow.click(report, task_id, button, dialog, extra, saving, terms, keeping),
        json=json,
    )


def modal(
    task_id: options.TaskId,
    /,
    *,
    dialog: Dialog = NO_DIALOG,
    saving: Saving = SAVING,
    terms: Terms = TERMS,
    journal: journal_options.Journal = None,
    json: options.Json = False,
) -> int:
    """Answer the dialog that a task waits in, and save the result.

    A click that brings its `--prompt` or `--mask` along answers by itself: this is for a dialog
    that was left open.
    """
    from mjflow.cli import follow, run

    keeping = Keeping(journal=journal)
    return run.run(
        lambda report: follow.modal(report, task_id, dialog, saving, terms, keeping), json=json
    )


def show(
    task_id: options.TaskId,
    /,
    *,
    out: options.MaybeOut = None,
    name: options.Name = DEFAULT_NAME,
    server: Server = SERVER_AS_SET,
    json: options.Json = False,
) -> int:
    """Look at a task once: how far it is, its buttons, its picture.

    Looking is free.
    """
    from mjflow.cli import looks, run

    saving = None if out is None else Saving(out=out, name=name)
    return run.run(lambda report: looks.show(report, task_id, saving, server), json=json)


def watch(
    *task_id: options.TaskIds,
    out: options.MaybeOut = None,
    name: options.Name = DEFAULT_NAME,
    server: Server = SERVER_AS_SET,
    deadline: options.Deadline = None,
    json: options.Json = False,
) -> int:
    """Wait until tasks have ended, whoever submitted them.

    Waiting is free. This is how tasks are picked up that an interrupted command left running.
    """
    from mjflow.cli import looks, run

    saving = None if out is None else Saving(out=out, name=name)
    terms = Terms(server=server, deadline=deadline)
    return run.run(lambda report: looks.watch(report, task_id, saving, terms), json=json)


def seed(
    task_id: options.TaskId,
    /,
    *,
    server: Server = SERVER_AS_SET,
    json: options.Json = False,
) -> int:
    """Print the seed of a finished task.

    `--seed N` in a prompt draws from it again. The server may take a minute to find it out.
    """
    from mjflow.cli import follow, run

    return run.run(lambda report: follow.seed(report, task_id, server), json=json)


def cancel(
    task_id: options.TaskId,
    /,
    *,
    server: Server = SERVER_AS_SET,
    json: options.Json = False,
) -> int:
    """Ask the server to stop a task, where it lets you.

    Gateways don't: there, Ctrl-C only stops the waiting.
    """
    from mjflow.cli import follow, run

    return run.run(lambda report: follow.cancel(report, task_id, server), json=json)
