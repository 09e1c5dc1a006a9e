"""The law of the house: imports point down only, and some rooms are pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "mjflow"

#: Every room and its floor; a room may use rooms below it, and itself.
FLOORS = {
    "_version": 0,
    "errors": 0,
    "protocol": 1,
    "timing": 1,
    "fsm": 2,
    "transport": 3,
    "journal": 3,
    "observers": 3,
    "config": 3,
    "otel": 4,
    "api": 4,
    "media": 4,
    "engine": 5,
    "handle": 6,
    "acts": 7,
    "flow": 8,
    "many": 8,
    "client": 9,
    "_pages": 10,
    "cli": 11,
    "testing": 11,
}

#: Off the tower: what it may use, and who may use it.
SIMULATOR_USES = {"errors"}
SIMULATOR_USERS = {"cli", "testing"}

#: Rooms without a clock, a loop, chance, sockets or files.
PURE = {"protocol", "timing", "fsm", "flow.machine", "flow.steps"}
IMPURE = {
    "asyncio",
    "time",
    "random",
    "secrets",
    "socket",
    "os",
    "pathlib",
    "io",
    "threading",
    "aiohttp",
    "backoff",
}
#: Writes a page of the docs; no other module imports it.
WRITERS = {"fsm.diagram"}

#: Libraries that stay in one place.
CONFINED = {
    "backoff": {"transport.retry"},
    "aiohttp": {"transport", "simulator"},
    "yarl": {"transport"},
    "cyclopts": {"cli"},
    "rich": {"cli"},
    "PIL": {"media", "simulator"},
    "yaml": {"flow"},
    "sqlite3": {"journal"},
    "opentelemetry": {"otel"},
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        if name:
            yield name, ast.parse(path.read_text())


def imports(tree: ast.AST, *, types: bool = False) -> Iterator[str]:
    """Name every module that a tree imports; those for type checkers only on request."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            if types:
                yield from imports(node, types=True)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from imports(node, types=types)


def room(module: str) -> str:
    return module.removeprefix("mjflow.").split(".")[0]


def rooms_used(tree: ast.AST) -> set[str]:
    """Name the rooms of mjflow that a tree imports from."""
    used = {name for name in imports(tree) if name.startswith("mjflow.")}
    return {room(name) for name in used}


def complaint(module: str, tree: ast.AST) -> str:
    """Say which law a module breaks; `""` for none."""
    mine = room(module)
    others = rooms_used(tree) - {mine}
    if mine == "simulator":
        wrong = others - SIMULATOR_USES
    elif mine == "__main__":
        wrong = others - {"cli"}
    else:
        wrong = {other for other in others if not may_use(mine, other)}
    return f"{module} uses {', '.join(sorted(wrong))}" if wrong else ""


def is_pure(module: str) -> bool:
    return module not in WRITERS and any(f"{module}.".startswith(f"{pure}.") for pure in PURE)


def may_use(mine: str, other: str) -> bool:
    if other == "simulator":
        return mine in SIMULATOR_USERS
    return FLOORS[other] < FLOORS[mine]


ALL = dict(modules())


def test_every_room_has_a_floor() -> None:
    """No module stands outside the plan of the house."""
    planned = {*FLOORS, "simulator", "__main__"}
    assert {room(module) for module in ALL} - planned == set()


@pytest.mark.parametrize("module", ALL)
def test_imports_point_down(module: str) -> None:
    """A module imports from rooms below its own, and from nowhere else in the house."""
    assert complaint(module, ALL[module]) == ""


@pytest.mark.parametrize("module", [module for module in ALL if is_pure(module)])
def test_pure_rooms_import_nothing_that_acts(module: str) -> None:
    """Protocol, timing, fsm and the flow machine have no loop, clock, chance, socket or file."""
    used = {name.split(".")[0] for name in imports(ALL[module])}
    assert used & IMPURE == set()


@pytest.mark.parametrize("library", CONFINED)
def test_a_library_stays_in_its_place(library: str) -> None:
    """A library that could be exchanged is imported in one place."""
    users = {
        module
        for module, tree in ALL.items()
        if any(name.split(".")[0] == library for name in imports(tree, types=True))
    }
    places = CONFINED[library]
    assert {user for user in users if not {user, room(user)} & places} == set()


def test_only_config_reads_the_environment() -> None:
    """Settings have one door."""
    readers = {module for module, tree in ALL.items() if "environ" in names(tree)}
    assert readers <= {"config"}


def test_errors_lean_on_nothing_at_run_time() -> None:
    """The floor of the house imports only types from above."""
    assert rooms_used(ALL["errors"]) == set()


def names(tree: ast.AST) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("protocol.task", "from mjflow.engine.record import Record"),
        ("timing.wheel", "import mjflow.fsm.states"),
        ("simulator.server", "from mjflow.protocol.codec import encode"),
        ("engine.engine", "def f():\n    from mjflow.simulator import Simulator"),
        ("journal.store", "from mjflow.transport.base import Transport"),
    ],
)
def test_a_breach_is_noticed(module: str, source: str) -> None:
    """The law is enforced also inside functions and between rooms of one floor."""
    assert complaint(module, ast.parse(source)) != ""
