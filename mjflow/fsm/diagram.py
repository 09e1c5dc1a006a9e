"""
The page `docs/reference/states.md`, made from the table and the `#:` lines of the enums.

`python -m mjflow.fsm.diagram` prints it, `--write FILE` writes it; a test fails when the page in
the repository is another one.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TypeVar

from attrs import frozen

from mjflow.fsm.events import ACTS, ANSWERS, LOOKS, Event
from mjflow.fsm.states import ENDED, LOOKED_AT, SETTLED, State
from mjflow.fsm.transitions import TABLE, Cell, Guard, Guarded

Row = TypeVar("Row")
Member = TypeVar("Member", bound=Enum)

_PAGE = """\
# The states of a task

<!-- Written by `python -m mjflow.fsm.diagram --write docs/reference/states.md`; do not edit. -->

Every submit is an *attempt*, and mjflow keeps a record of each.
A record is always in one of {count} states, and one table says which state follows which.
Replies, looks at the server, replayed journals and your own word all go through that table.
Nothing else moves a record, and this page is made from the same table.

A *state* is our word for where an attempt stands.
The server's own word is a *status*; it cannot say that a task is in doubt, refused or lost.

## What each state means

A record in a *looked at* state is polled.
In a *settled* state nothing moves by itself any more.
Whoever waits then gets the task, or an error that says what happened and what to do.

{states}

An imagine or a click begins in NEW; a task that you attach by its id begins in SUBMITTED.

## Under way

{life}

## How looking ends

{ends}

## Late evidence

Polls, webhooks and lost replies come in any order, and presence proves.
A look that carries the token of our own request finds its task even where we had given it up.
So a paid picture is never thrown away because its news came late.

{late}

## What can happen

### Our acts, and the replies to a submit

{acts}

### Replies to the answer of a dialog

{answers}

### Looks and the clock

{looks}

## The table

`·` means that the record stays; a new preview or fresher buttons may still be kept.
`x` means that this cannot happen: `IllegalTransition` is raised, which is a bug in mjflow.
{guards}

### Acts and replies, state by state

{acts_table}

### Answers, state by state

{answers_table}

### Looks and the clock, state by state

{looks_table}

## What always holds

The tests prove these for every order of events:

- Every state can settle, and can reach each of the server's last words until one was said.
- SUCCESS, FAILURE and CANCEL are final.
- A second request can leave only after a definite no, or when not a byte of the first had left.
- A second answer can leave only after a definite no, or when a person said so.
- Whatever the server shows, in whatever order, is legal in every state but NEW.
- A dialog that was answered is never reported again, though servers show it for minutes.
- A replayed journal and one look give the state in which the record was.
"""


def page() -> str:
    """Return the whole page."""
    return _PAGE.format(
        count=len(State),
        states=_states(),
        life=life(),
        ends=how_looking_ends(),
        late=late_evidence(),
        acts=_glossary(ACTS),
        answers=_glossary(ANSWERS),
        looks=_glossary(LOOKS),
        guards="\n".join(f"{_NOTES[guard]} Only if {guard.value}." for guard in Guard),
        acts_table=_grid(ACTS),
        answers_table=_grid(ANSWERS),
        looks_table=_grid(LOOKS),
    )


# --- diagrams ---------------------------------------------------------------------------------

#: One arrow: from, to, and the events that take it.
Arrows = Mapping[tuple[str, str], Sequence[Event]]
_SEPARATOR = " · "


def life() -> str:
    """Draw the ways of a record that is under way."""
    arrows = _arrows(lambda move: not _is_late(move) and not _ends_looking(move))
    return _mermaid(arrows, begins=(State.NEW, State.SUBMITTED))


def how_looking_ends() -> str:
    """Draw the ways from the states that are looked at to the settled ones."""
    return _mermaid(_arrows(_ends_looking))


def late_evidence() -> str:
    """Draw the ways that a late reply, or a look with our token, opens."""
    return _mermaid(_arrows(_is_late))


@frozen
class Move:
    """A cell of the table that leads somewhere."""

    source: State
    event: Event
    target: State
    guard: Guard | None


def _moves() -> Iterator[Move]:
    for state, row in TABLE.items():
        for event, cell in row.items():
            if isinstance(cell, State):
                yield Move(state, event, cell, guard=None)
            elif isinstance(cell, Guarded):
                yield Move(state, event, cell.target, cell.guard)


def _ends_looking(move: Move) -> bool:
    return move.source in LOOKED_AT and move.target in SETTLED


def _is_late(move: Move) -> bool:
    return move.source in SETTLED or move.guard is Guard.OURS


def _arrows(wanted: Callable[[Move], bool]) -> Arrows:
    """Collect the moves, those of states that move alike as one arrow."""
    leaving: dict[State, dict[str, list[Event]]] = {}
    for move in filter(wanted, _moves()):
        ways = leaving.setdefault(move.source, {})
        ways.setdefault(_box(move.target), []).append(move.event)
    return {
        (_SEPARATOR.join(alike), target): events
        for alike, ways in _alike(leaving)
        for target, events in ways.items()
    }


def _box(state: State) -> str:
    """Name the box that is drawn for a state; the server's last words share one."""
    return _SEPARATOR.join(s for s in State if s in ENDED) if state in ENDED else state.value


def _mermaid(arrows: Arrows, begins: Iterable[State] = ()) -> str:
    names = dict.fromkeys(name for arrow in arrows for name in arrow)
    ids = {name: name.replace(_SEPARATOR, "_") for name in names}
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{name}" as {ids[name]}' for name in names if ids[name] != name]
    lines += [f"    [*] --> {state}" for state in begins]
    lines += [
        f"    {ids[source]} --> {ids[target]} : {', '.join(event.name for event in events)}"
        for (source, target), events in arrows.items()
    ]
    return "\n".join([*lines, "```"])


# --- tables -----------------------------------------------------------------------------------

_NOTES = {Guard.NOT_ANSWERED: "¹", Guard.OURS: "²"}


def _states() -> str:
    says = meanings(State)
    rows = [(s, says[s], _tick(s in LOOKED_AT), _tick(s in SETTLED)) for s in State]
    return _markdown(("State", "What it means", "Looked at", "Settled"), rows)


def _tick(yes: bool) -> str:
    return "yes" if yes else ""


def _glossary(events: Sequence[Event]) -> str:
    says = meanings(Event)
    return _markdown(("Event", "What happened"), [(event.name, says[event]) for event in events])


def _grid(events: Sequence[Event]) -> str:
    """Write a part of the table, states that act alike in one row."""
    rows = {state: tuple(_cell(row[event]) for event in events) for state, row in TABLE.items()}
    return _markdown(
        ("", *(event.name for event in events)),
        [(", ".join(states), *cells) for states, cells in _alike(rows)],
    )


def _cell(cell: Cell) -> str:
    if isinstance(cell, Guarded):
        return f"{cell.target}{_NOTES[cell.guard]}"
    return cell.value


def _alike(rows: Mapping[State, Row]) -> list[tuple[list[State], Row]]:
    """Group the states whose rows are equal, in the order of their first."""
    groups: list[tuple[list[State], Row]] = []
    for state, row in rows.items():
        same = next((states for states, other in groups if other == row), None)
        if same is None:
            groups.append(([state], row))
        else:
            same.append(state)
    return groups


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# --- meanings ---------------------------------------------------------------------------------

_MEMBER = re.compile(r"((?:^ +#: .*\n)+) +(\w+) = ", re.MULTILINE)


def meanings(kind: type[Member]) -> dict[Member, str]:
    """Return what the `#:` lines above the members of an enum say of them."""
    return {
        kind[name]: " ".join(line.strip().removeprefix("#: ") for line in lines.splitlines())
        for lines, name in _MEMBER.findall(inspect.getsource(kind))
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the page, or write it to a file."""
    parser = argparse.ArgumentParser(prog="python -m mjflow.fsm.diagram", description=main.__doc__)
    parser.add_argument("--write", metavar="FILE", type=Path)
    target: Path | None = parser.parse_args(arguments).write
    if target is None:
        sys.stdout.write(page())
    else:
        target.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
