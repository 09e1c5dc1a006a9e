"""The application: every command under its name, in the order in which `--help` lists them."""

from __future__ import annotations

from cyclopts import App, Group

from mjflow._version import __version__
from mjflow.cli.commands import files, roots, servers, tasks

HELP = """\
From a prompt to a picture: submit to a midjourney-proxy server, press buttons, save the result.

The key comes from MJFLOW_API_KEY and is never an argument; MJFLOW_BASE_URL says where the server
is. To try it without either: `mjflow imagine "a cute cat" --simulate`
"""

BEGIN = Group("Begin", sort_key=1)
GO_ON = Group("Go on with a task", sort_key=2)
LOOK = Group("Look", sort_key=3)
MORE = Group("More", sort_key=4)

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
    LOOK: (tasks.show, tasks.watch, tasks.seed),
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
        app.command(command, group=group, sort_key=place)
