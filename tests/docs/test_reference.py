"""The reference says what the code says."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import mjflow
from mjflow._pages.__main__ import PAGES, main
from mjflow._pages.api import GROUPS
from mjflow.errors import MjflowError
from mjflow.protocol.dialect import DIALECTS

from ..test_layering import FLOORS
from .pages import DOCS, ROOT, blocks, read

REFERENCE = DOCS / "reference"
_VARIABLE = re.compile(r"\bMJFLOW_[A-Z_]+\b")
_HEADING = re.compile(r"^### `(MJFLOW_[A-Z_]+)`$", re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_fresh(name: str) -> None:
    """The page in the repository is what the code says today."""
    fresh = PAGES[name]()
    assert read(REFERENCE / name) == fresh, "stale: run `python -m mjflow._pages docs/reference`"


def test_the_pages_are_written_into_a_folder(tmp_path: Path) -> None:
    """The command writes all of its pages, and nothing else."""
    main([str(tmp_path)])
    assert {page.name: read(page) for page in tmp_path.iterdir()} == {
        name: page() for name, page in PAGES.items()
    }


def test_the_command_that_the_pages_name_works(tmp_path: Path) -> None:
    """`python -m mjflow._pages FOLDER` can be run."""
    command = [sys.executable, "-W", "error", "-m", "mjflow._pages", str(tmp_path)]
    subprocess.run(command, check=True)
    assert {page.name for page in tmp_path.iterdir()} == set(PAGES)


def test_every_public_name_is_in_the_reference() -> None:
    """Each has a heading of its own on the page of names, or is listed among the errors."""
    page = read(REFERENCE / "api.md")
    described = {*re.findall(r"^### (\w+)$", page, re.MULTILINE), "__version__"}
    described |= set(re.findall(r"^\| \[`(\w+)`\]", page, re.MULTILINE))
    assert described == set(mjflow.__all__)


def test_the_groups_hold_what_is_no_error() -> None:
    """No name is in two groups, and none of the errors is in any."""
    grouped = [name for names in GROUPS.values() for name in names]
    others = [name for name in mjflow.__all__ if not _is_error(name) and name != "__version__"]
    assert sorted(grouped) == sorted(others)


def test_the_variables_are_those_of_config() -> None:
    """Every variable that is read is described, and every one described is read."""
    described = _HEADING.findall(read(REFERENCE / "environment.md"))
    assert sorted(described) == sorted(set(_VARIABLE.findall(_source("config.py"))))


def test_no_page_names_a_variable_that_does_not_exist() -> None:
    """Whatever the documentation and the messages call a variable is one."""
    real = set(_VARIABLE.findall(_source("config.py")))
    texts = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "mjflow").rglob("*.py")]
    named = {name for text in texts for name in _VARIABLE.findall(read(text))}
    assert named - real == {"MJFLOW_"} & named


def test_every_dependency_is_accounted_for() -> None:
    """What the package asks for stands on the page that says why, and nothing else does."""
    described = re.findall(r"^### (\S+)$", read(DOCS / "explanation" / "dependencies.md"), re.M)
    assert sorted(described) == sorted(_dependencies())


def test_every_dialect_is_described() -> None:
    """The guide to other servers names each dialect."""
    page = read(DOCS / "howto" / "other-servers.md")
    assert [name for name in DIALECTS if f"`{name}`" not in page] == []


def test_every_room_is_in_the_plan_of_the_house() -> None:
    """The architecture draws each module and package, on the floor that the law gives it."""
    page = read(DOCS / "explanation" / "architecture.md")
    plan = next(block.text for block in blocks(page) if "protocol" in block.text)
    floors: dict[str, int] = {}
    floor = -1
    for number, room in re.findall(r"^ ?(\d+| ) +(\w+) {2,}\S", plan, re.MULTILINE):
        floor = int(number) if number.strip() else floor
        floors[room] = floor
    del floors["simulator"]
    assert floors == FLOORS


def test_every_part_of_the_engine_is_explained() -> None:
    """The architecture says of each module of the engine what it knows."""
    page = read(DOCS / "explanation" / "architecture.md")
    rows = re.findall(r"^\| (`.+`) \| .+ \|$", page, re.MULTILINE)
    explained = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    modules = {path.stem for path in (ROOT / "mjflow" / "engine").glob("*.py")}
    assert explained == modules - {"__init__"}


def _is_error(name: str) -> bool:
    member = getattr(mjflow, name)
    return isinstance(member, type) and issubclass(member, MjflowError)


def _source(path: str) -> str:
    return read(ROOT / "mjflow" / path)


def _dependencies() -> set[str]:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(one for extra in extras for one in extra)]
    names = {re.split(r"[\[>=<;~! ]", text)[0] for text in wanted}
    return names - {"mjflow"}
