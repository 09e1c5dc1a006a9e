"""
The page `docs/reference/commands.md`, made from the commands' own help.

`python -m mjflow.cli.reference` prints it, `--write FILE` writes it; a test fails when the page in
the repository is another one.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cyclopts import App, Argument

from mjflow.cli.app import app
from mjflow.simulator import FAULTS

_PAGE = """\
# Commands

<!-- Written by `python -m mjflow.cli.reference --write FILE`; do not edit. -->

What can be typed, what comes out, and what the exit codes mean.
`mjflow COMMAND --help` says the same in the terminal.

| Command | What it does |
| --- | --- |
{summary}

What is asked for goes to standard output: the paths of pictures, a task, JSON.
Progress, warnings and errors go to standard error: drawn on a terminal, plain lines elsewhere.
A key is never an argument, because arguments stay in the shell's history.

{commands}

## JSON lines

With `--json` standard output has one object per line, and nothing else.
What is not known is left out; times are ISO 8601, in UTC.

| `type` | When | Fields |
| --- | --- | --- |
{lines}

## Exit codes

Of several, the worst counts: 130, 4, 3, 1.

| Code | What it means |
| --- | --- |
{codes}

## Environment

| Variable | What it is |
| --- | --- |
{variables}
"""

_EXAMPLES = {
    "imagine": """\
mjflow imagine "a cute cat --v 6.1" --simulate
mjflow imagine "a cute cat --v 6.1" --click U2 --click "Upscale (Subtle)" --out cats
mjflow imagine "a cat" --click U1 --click "Vary (Region)" --mask mask.png --prompt "a crown"
""",
    "click": 'mjflow click 1320098173412546 "Zoom Out 1.5x" --out cats\n',
    "show": "mjflow show 1320098173412546 --out cats\n",
    "watch": "mjflow watch 1320098173412546 1320098173412547 --out cats\n",
    "simulate": "mjflow simulate --port 8080 --speed 60 --fault queue-full=0.2\n",
}

_LINES = (
    ("state", "an act takes a step", "`act`, `key`, `id`, `state`, `queue_place`, `error`, `task`"),
    ("progress", "a look shows progress", "`act`, `key`, `id`, `state`, `progress`"),
    ("preview", "a look shows an unfinished picture", "`act`, `key`, `id`, `preview`"),
    ("retry", "the server had no room", "`act`, `key`, `reason`, `delay` (seconds)"),
    ("paused, resumed", "nothing is submitted for a while", "`reason`, `error`, `message`"),
    (
        "saved",
        "a picture is on disk",
        "`task_id`, `path`, `sha256`, `size` (bytes), `width`, `height`, `sidecar`",
    ),
    ("task", "`show` has looked", "what `task` has in a `state` line of an ended task"),
    (
        "error",
        "something went wrong",
        "`error` (a class of the [errors](errors.md)), `message`, `advice`, `task_id`, `exit_code`",
    ),
    (
        "left",
        "a command ended before its tasks",
        "`interrupted`, `running`, `unsaved`, `unsent`, `commands` that pick them up",
    ),
)

_CODES = {
    0: "all ended well; for `simulate` also that it was stopped",
    1: "something failed",
    2: "the command cannot be carried out as it was typed; nothing was sent",
    3: "something is in doubt or lost: it may run, and may be paid",
    4: "the server cannot be reached, is no such API, or refuses the key or the account",
    130: "interrupted by Ctrl-C or SIGTERM; the last lines say what still runs, and what to do",
}

_VARIABLES = {
    "MJFLOW_API_KEY": "the key; not needed for a server on this machine",
    "MJFLOW_BASE_URL": "where the server is, without `/mj`; DeerAPI by default",
    "MJFLOW_DIALECT": "what kind of server it is: `gateway`, `trueai` or `novicezk`",
    "MJFLOW_MODE": "speed mode: `relax`, `fast` or `turbo`",
    "MJFLOW_POLL_INTERVAL": "seconds between two looks at a task",
    "MJFLOW_LOG": "`debug`, `info`, `warning` or `error`: log to standard error from this level on",
}


def page() -> str:
    """Write the page."""
    names = list(_EXAMPLES)
    return _PAGE.format(
        summary=_rows((f"[`{name}`](#mjflow-{name})", _first_line(app[name])) for name in names),
        commands="\n\n".join(_command(name, app[name]) for name in names),
        lines=_rows((f"`{kind.replace(', ', '`, `')}`", *rest) for kind, *rest in _LINES),
        codes=_rows((str(code), said) for code, said in _CODES.items()),
        variables=_rows((f"`{name}`", said) for name, said in _VARIABLES.items()),
    )


def _command(name: str, command: App) -> str:
    arguments = [arg for arg in command.assemble_argument_collection() if arg.show]
    given = [arg for arg in arguments if not _is_option(arg)]
    options = [arg for arg in arguments if _is_option(arg)]
    usage = " ".join(["mjflow", name, *(f"{arg.name}{_dots(arg)}" for arg in given), "[OPTIONS]"])
    parts = [
        f"## mjflow {name}",
        f"```text\n{usage}\n```",
        _help(command),
        f"```console\n{_EXAMPLES[name]}```",
        _table(("Argument", "What it is"), map(_argument, given)),
        _table(("Option", "What it does", "Default"), map(_option, options)),
        _table(("Fault", "What goes wrong"), _faults() if name == "simulate" else ()),
    ]
    return "\n\n".join(part for part in parts if part)


def _faults() -> list[tuple[str, str]]:
    return [(f"`{name}`", effect) for name, effect in FAULTS.items()]


def _is_option(argument: Argument) -> bool:
    return argument.name.startswith("-")


def _dots(argument: Argument) -> str:
    return "..." if argument.field_info.kind is argument.field_info.VAR_POSITIONAL else ""


def _argument(argument: Argument) -> tuple[str, ...]:
    return f"`{argument.name}`", argument.parameter.help or ""


def _option(argument: Argument) -> tuple[str, ...]:
    value = argument.parameter.metavar or "|".join(argument.get_choices() or ())
    if not value and argument.hint is not bool:
        value = "NUMBER"
    name = argument.name + ("" if value.startswith("[=") or not value else " ") + value
    return f"`{name}`", argument.parameter.help or "", _default(argument.field_info.default)


def _default(value: Any) -> str:
    return "" if value is None or value is False or value == () else f"`{value}`"


def _first_line(command: App) -> str:
    return _help(command).partition("\n")[0]


def _help(command: App) -> str:
    return inspect.cleandoc(command.help or "")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = _rows(rows)
    return "\n".join([_row(head), _row(["---"] * len(head)), body]) if body else ""


def _rows(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(map(_row, rows))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the page, or write it to a file."""
    parser = argparse.ArgumentParser(prog="python -m mjflow.cli.reference", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page to this file")
    target = parser.parse_args(arguments).write
    if target is None:
        sys.stdout.write(page())
    else:
        target.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
