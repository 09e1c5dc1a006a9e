"""The application: every command under its name, in the order in which `--help` lists them."""

from __future__ import annotations

from cyclopts import App, Group

from mjflow._version import __version__
from mjflow.cli.commands import files, flows, journal, roots, servers, tasks

HELP = """\
From a prompt to a picture: submit to a midjourney-proxy server, press buttons, save the result.

The key comes from MJFLOW_API_KEY and is never an argument; MJFLOW_BASE_URL says where the server
is. To try it without either: `mjflow imagine "a cute cat" --simulate`
"""

BEGIN = Group("Begin", sort_key=1)
GO_ON = Group("Go on with a task", sort_key=2)
FLOWS = Group("Run a list of steps", sort_key=3)
LOOK = Group("Look", sort_key=4)
REMEMBER = Group("Remember", sort_key=5)
MORE = Group("More", sort_key=6)

COMMANDS = {
    BEGIN: (
        roots.imagine,
        roots.blend,
        roots.describe,
        roots.shorten,
        roots.video,
        roots.edits,
        roots.swap_face,
    ),
    GO_ON: (tasks.click, tasks.modal, tasks.cancel),
    FLOWS: (flows.plan, flows.run, flows.resume, flows.schema),
    LOOK: (tasks.show, tasks.watch, tasks.seed),
    REMEMBER: (journal.runs, journal.doubts, journal.export, journal.prune),
    MORE: (files.upload, files.split, servers.simulate),
}

app = App(
    name="mjflow",
    help=HELP,
    version=f"mjflow {__version__}",
    group_commands=Group("Options", sort_key=9),
    help_format="markdown",
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
for group, commands in COMMANDS.items():
    for place, command in enumerate(commands):
        if isinstance(command, App):
            command.group, command.sort_key = (group,), place
            app.command(command)
        else:
            app.command(command, group=group, sort_key=place)
