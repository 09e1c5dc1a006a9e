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
from inspect import Parameter
from pathlib import Path
from typing import Any

from cyclopts import App, Argument

from mjflow.cli import manual
from mjflow.cli.app import BEGIN, COMMANDS, app

#: The commands that begin a chain of acts.
_BEGINNING = frozenset(name for name in app if app[name].default_command in COMMANDS[BEGIN])


def page() -> str:
    """Write the page."""
    names = list(manual.EXAMPLES)
    return manual.PAGE.format(
        summary=_rows((_link(name), _first_line(called(name))) for name in names),
        shared=_options(_shared()),
        commands="\n\n".join(_command(name, called(name)) for name in names),
        lines=_rows((f"`{kind.replace(', ', '`, `')}`", *rest) for kind, *rest in manual.LINES),
        codes=_rows((str(code), said) for code, said in manual.CODES.items()),
        variables=_rows((f"`{name}`", said) for name, said in manual.VARIABLES.items()),
    )


def called(name: str) -> App:
    """Return a command by its name, or by two: `doubts look`."""
    command = app
    for word in name.split():
        command = command[word]
    return command


def _link(name: str) -> str:
    return f"[`{name}`](#mjflow-{name.replace(' ', '-')})"


def _command(name: str, command: App) -> str:
    arguments = _arguments(command)
    given = [arg for arg in arguments if not _is_option(arg)]
    options = [arg for arg in arguments if _is_option(arg)]
    shared = {arg.name for arg in _shared()} if name in _BEGINNING else set()
    needed = [_named(arg) for arg in options if arg.required]
    usage = " ".join(["mjflow", name, *map(_usage, given), *needed, "[OPTIONS]"])
    parts = [
        f"## mjflow {name}",
        f"```text\n{usage}\n```",
        _help(command),
        f"```console\n{manual.EXAMPLES[name]}```",
        _table(("Argument", "What it is"), map(_argument, given)),
        _options(arg for arg in options if arg.name not in shared),
        manual.SHARED if shared else "",
        manual.FAULTS if name == "simulate" else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _arguments(command: App) -> list[Argument]:
    return [arg for arg in command.assemble_argument_collection() if arg.show]


def _shared() -> list[Argument]:
    """List the options that all acts which begin a chain have."""
    return [arg for arg in _arguments(app["shorten"]) if _is_option(arg)]


def _options(options: Iterable[Argument]) -> str:
    return _table(("Option", "What it does", "Default"), map(_option, options))


def _is_option(argument: Argument) -> bool:
    return argument.name.startswith("-")


def _usage(argument: Argument) -> str:
    if argument.field_info.kind is argument.field_info.VAR_POSITIONAL:
        return f"{argument.name}..."
    return argument.name if argument.required else f"[{argument.name}]"


def _argument(argument: Argument) -> tuple[str, ...]:
    return f"`{argument.name}`", argument.parameter.help or ""


def _option(argument: Argument) -> tuple[str, ...]:
    name, default = _named(argument), _default(argument.field_info.default)
    return f"`{name}`", argument.parameter.help or "", default


def _named(argument: Argument) -> str:
    """Write an option with what stands behind it."""
    value = argument.parameter.metavar or "|".join(argument.get_choices() or ())
    if not value and argument.hint is not bool:
        value = "NUMBER"
    return argument.name + ("" if value.startswith("[=") or not value else " ") + value


def _default(value: Any) -> str:
    return "" if value in (None, False, (), "", Parameter.empty) else f"`{value}`"


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
