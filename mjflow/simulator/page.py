"""
The page `docs/reference/simulator.md`, made from the profiles, the faults and the ledger.

`python -m mjflow.simulator.page` prints it, `--write FILE` writes it; a test fails when the page
in the repository is another one.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from pathlib import Path

from mjflow.simulator.acts import ACTS
from mjflow.simulator.faults import CATALOGUE, Kind, Where
from mjflow.simulator.ledger import Submit
from mjflow.simulator.pagetext import (
    BUILD_SUMMARIES,
    DIFFERENCES,
    HEADINGS,
    PAGE,
    SAID,
    SUMMARIES,
)
from mjflow.simulator.profiles import BUILDS, PROFILES, Profile
from mjflow.simulator.routes import LOOKS

_REMARK = re.compile(r"((?:^ +#: .*\n)*) +(\w+): [\w\[\], |.]+(?: = .*)?$", re.MULTILINE)


def page() -> str:
    """Return the whole page."""
    return PAGE.format(
        profiles=_markdown(("Profile", "What it is"), SUMMARIES.items(), code=True),
        acts=_matrix(
            "Submit",
            {act.path: name for name, act in ACTS.items()},
            lambda profile: profile.submits,
        ),
        reads=_matrix("Look", _look_paths(), lambda profile: profile.reads),
        differences=_markdown(("", *PROFILES), DIFFERENCES),
        builds="; ".join(f"`{name}` ({BUILD_SUMMARIES[name]})" for name in BUILDS),
        wheres=", ".join(f"`{where.value}`" for where in Where if where is not Where.TASKS),
        faults="\n\n".join(_faults()),
        submit=_markdown(("Field", "What it is"), remarks(), code=True),
    )


def _look_paths() -> dict[str, str]:
    paths = {name: f"{method} {path}" for name, (method, path) in LOOKS.items()}
    return {path: name for name, path in {**paths, "image": "GET image/{id}"}.items()}


def _matrix(
    title: str, names: Mapping[str, str], offered: Callable[[Profile], Container[str]]
) -> str:
    """Write which of some paths each profile has."""
    rows = [
        (f"`{path}`", *("yes" if name in offered(profile) else "" for profile in PROFILES.values()))
        for path, name in names.items()
    ]
    return _markdown((title, *PROFILES), rows)


def _faults() -> Iterable[str]:
    """Write a table for each first occasion, in the order of the occasions."""
    for where, heading in HEADINGS.items():
        here = {name: kind for name, kind in CATALOGUE.items() if kind.strikes[0] is where}
        rows = [_fault(name, kind) for name, kind in here.items()]
        yield f"### {heading}\n\n" + _markdown(("Fault", "What it does", "Where", "Fact"), rows)


def _fault(name: str, kind: Kind) -> tuple[str, ...]:
    is_everywhere = len(kind.profiles) == len(PROFILES)
    profiles = "" if is_everywhere else ", ".join(kind.profiles)
    return f"`{name}`", kind.text, profiles, kind.facts.replace("P§", "§")


def remarks() -> list[tuple[str, str]]:
    """Return what the `#:` lines say of each field of a submit's record."""
    found: list[tuple[str, str]] = []
    for lines, name in _REMARK.findall(inspect.getsource(Submit)):
        said = " ".join(line.strip().removeprefix("#: ") for line in lines.splitlines())
        found.append((name, said or SAID[name]))
    return found


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]], *, code: bool = False) -> str:
    cells = [(f"`{row[0]}`", *row[1:]) if code else tuple(row) for row in rows]
    lines = [tuple(head), ("---",) * len(head), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the page, or write it to a file."""
    parser = argparse.ArgumentParser(prog="python -m mjflow.simulator.page")
    parser.add_argument("--write", metavar="FILE", type=Path)
    target: Path | None = parser.parse_args(arguments).write
    if target is None:
        sys.stdout.write(page())
    else:
        target.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
