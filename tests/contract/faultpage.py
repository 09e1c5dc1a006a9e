"""The page of faults, written from the stories of the suite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from mjflow.simulator.faults.catalogue import CATALOGUE
from mjflow.simulator.profiles import PROFILES
from tests.contract.cases import Case, cases, result
from tests.contract.markdown import NOTHING, NOTICE, table
from tests.contract.words import words

_Place: TypeAlias = tuple[str, str]
#: What is met always, and the first time only.
_Cells: TypeAlias = tuple[str, str]

_HEAD = f"""\
# What mjflow does about each fault

{NOTICE}

Every [fault of the simulator](simulator.md#faults), alone, and what a program then meets.
Each cell is the story of a real run: a client, a simulated server, real sockets, virtual time.

The program draws a grid, enlarges the first picture, paints a region of it anew, enlarges that and
refines it: imagine, U1, Vary (Region), U1, Upscale (Subtle).
At novicezk, which has no such buttons, it is imagine, U1, V1 and U2.
Where another button or a saved picture is what matters, it is used instead.

- *Always*: the fault strikes every time it can; *once*: the first time only.
- *At* says which requests it strikes: those that begin a task (`submits`), those that press a
  button (`clicks`) or answer a dialog (`answers`), looks at tasks, or pictures.
  What strikes a task is there from the request that began it.
- An [error](errors.md) is what awaiting the handle raises, at the step that the fault hit first.
  Steps that build on it raise `ParentUnusable`, or the same where it may still turn out well.
- Nothing is paid twice, and no dialog answered twice, in any of these stories.
  A task that was paid is a result, or is named by the error: by its id or its token.
- {NOTHING} means that it never happens to mjflow.
"""

#: The first names of the sections, in the order of the catalogue.
_SECTIONS = {
    "expired-key": "Refusals and broken answers",
    "refuses-custom-ids": "Buttons and dialogs",
    "lost-reply": "Answers that get lost",
    "server-error": "Looks",
    "fails": "Tasks",
    "image-404": "Pictures and webhooks",
}
_COLUMNS = ("Fault", "What the server does", "At", "Server", "Always", "Once")


def faults_page() -> str:
    """Write the page of faults."""
    sections: dict[str, list[Sequence[str]]] = {}
    title = ""
    for fault in CATALOGUE:
        title = _SECTIONS.get(fault, title)
        sections.setdefault(title, []).extend(_rows(fault))
    tables = (f"## {title}\n\n{table(_COLUMNS, rows)}" for title, rows in sections.items())
    return "\n".join((_HEAD, *tables))


def _rows(fault: str) -> Iterator[Sequence[str]]:
    """Write the rows of one fault, one for each thing that a program may meet."""
    met: dict[_Cells, list[_Place]] = {}
    for place in dict.fromkeys((case.where, case.profile) for case in _cases(fault)):
        met.setdefault(_cells(fault, place), []).append(place)
    if len(met) > 1:
        met.pop((NOTHING, NOTHING), None)
    texts = [f"`{fault}`", CATALOGUE[fault].text.partition(": ")[2] or CATALOGUE[fault].text]
    for cells, places in met.items():
        for wheres, servers in _boxes(fault, places):
            yield [*texts, ", ".join(wheres), servers, *cells]
            texts = ["", ""]


def _cases(fault: str) -> Iterable[Case]:
    return (case for case in cases() if case.fault == fault)


def _cells(fault: str, place: _Place) -> _Cells:
    always, once = (words(result(Case(fault, *place, always=how))) for how in (True, False))
    return always, once


def _boxes(fault: str, places: Sequence[_Place]) -> Iterator[tuple[list[str], str]]:
    """Join places to few boxes of occasions and servers, of which each pair is meant."""
    boxes: dict[str, list[str]] = {}
    for where in dict.fromkeys(where for where, _ in places):
        boxes.setdefault(_servers(fault, where, places), []).append(where)
    for servers, wheres in boxes.items():
        yield wheres, servers


def _servers(fault: str, where: str, places: Sequence[_Place]) -> str:
    """Name the servers; all, if it is all at which such a thing can be struck."""
    here = [profile for at, profile in places if at == where]
    can_be = {case.profile for case in _cases(fault) if case.where == where}
    # novicezk has no dialogs; a gateway may well pass hooks on.
    everywhere = len(CATALOGUE[fault].profiles) == len(PROFILES) and where != "hooks"
    return "all" if everywhere and set(here) == can_be else ", ".join(here)
