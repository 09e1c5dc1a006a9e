"""The commands: what can be typed and what `--help` says; the work is done elsewhere."""

from __future__ import annotations

from cyclopts import App

from mjflow._version import __version__
from mjflow.cli.options import (
    DEFAULT_NAME,
    NO_DIALOG,
    SAVING,
    SERVER_AS_SET,
    SIMULATION,
    Button,
    Clicks,
    Deadline,
    Dialog,
    Json,
    MaybeOut,
    Name,
    Prompt,
    Saving,
    Server,
    Simulate,
    Simulation,
    SpeedMode,
    TaskId,
    TaskIds,
)

HELP = """\
From a prompt to a picture: submit to a midjourney-proxy server, press buttons, save the result.

The key comes from MJFLOW_API_KEY and is never an argument; MJFLOW_BASE_URL says where the server
is. To try it without either: `mjflow imagine "a cute cat" --simulate`
"""

app = App(
    name="mjflow",
    help=HELP,
    version=f"mjflow {__version__}",
    help_format="markdown",
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)


@app.command(sort_key=1)
def imagine(
    prompt: Prompt,
    /,
    *,
    click: Clicks = (),
    dialog: Dialog = NO_DIALOG,
    saving: Saving = SAVING,
    server: Server = SERVER_AS_SET,
    mode: SpeedMode = None,
    deadline: Deadline = None,
    simulate: Simulate = False,
    json: Json = False,
) -> int:
    """Draw a grid of four from a prompt, press buttons on it, and save the last result.

    Everything that can be checked is checked before the first request, so that no act is paid in
    vain. `--prompt` and `--mask` go to the last button that opens a dialog: Vary (Region) and
    Custom Zoom always do, others in remix mode.
    """
    from mjflow.cli import acts, run, session

    terms = session.Terms(server=server, mode=mode, deadline=deadline, simulate=simulate)
    return run.run(
        lambda report: acts.imagine(report, prompt, click, dialog, saving, terms), json=json
    )


@app.command(sort_key=2)
def click(
    task_id: TaskId,
    button: Button,
    /,
    *,
    dialog: Dialog = NO_DIALOG,
    saving: Saving = SAVING,
    server: Server = SERVER_AS_SET,
    mode: SpeedMode = None,
    deadline: Deadline = None,
    json: Json = False,
) -> int:
    """Press a button of a task, and save the result.

    A task that still runs is waited for. The button is looked up among those that the task has:
    `mjflow show` lists them.
    """
    from mjflow.cli import acts, run, session

    terms = session.Terms(server=server, mode=mode, deadline=deadline)
    return run.run(
        lambda report: acts.click(report, task_id, button, dialog, saving, terms), json=json
    )


@app.command(sort_key=3)
def show(
    task_id: TaskId,
    /,
    *,
    out: MaybeOut = None,
    name: Name = DEFAULT_NAME,
    server: Server = SERVER_AS_SET,
    json: Json = False,
) -> int:
    """Look at a task once: how far it is, its buttons, its picture.

    Looking is free.
    """
    from mjflow.cli import looks, run, session

    saving = None if out is None else Saving(out=out, name=name)
    terms = session.Terms(server=server)
    return run.run(lambda report: looks.show(report, task_id, saving, terms), json=json)


@app.command(sort_key=4)
def watch(
    *task_id: TaskIds,
    out: MaybeOut = None,
    name: Name = DEFAULT_NAME,
    server: Server = SERVER_AS_SET,
    deadline: Deadline = None,
    json: Json = False,
) -> int:
    """Wait until tasks have ended, whoever submitted them.

    Waiting is free. This is how tasks are picked up that an interrupted command left running.
    """
    from mjflow.cli import looks, run, session

    saving = None if out is None else Saving(out=out, name=name)
    terms = session.Terms(server=server, deadline=deadline)
    return run.run(lambda report: looks.watch(report, task_id, saving, terms), json=json)


@app.command(sort_key=5)
def simulate(*, simulation: Simulation = SIMULATION) -> int:
    """Serve a simulator of a gateway, until Ctrl-C: any key is good, and nothing costs.

    Its address is the first line on standard output. Its books, with every charge and refund, are
    at `/_simulator/ledger`.
    """
    from mjflow.cli import run, simulator

    return run.run(lambda report: simulator.serve(report, simulation))
