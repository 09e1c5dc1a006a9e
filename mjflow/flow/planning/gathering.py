"""What comes together while a flow is walked through: deeds, and all that is to be looked into."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, evolve, field

from mjflow.flow.planning.findings import Where
from mjflow.flow.planning.openings import Opening
from mjflow.flow.planning.spots import Deed, Files, Forecast, Naming, Noted, Region, Words
from mjflow.flow.planning.stamps import Stamped
from mjflow.flow.steps import CURRENT, Video


@define
class Gathering:
    """Gathers a forecast; of what several branches have in common, one."""

    deeds: list[Deed] = field(factory=list)
    #: The steps that are done, by where they stand.
    done: set[Where] = field(factory=set)
    #: Whether a condition was met that only the run can tell.
    unsure: bool = False
    #: Of each choice, the candidates' keys, and how many deeds there were before it.
    _choices: list[tuple[tuple[str, ...], int]] = field(factory=list)
    _namings: list[Naming] = field(factory=list)
    # Mappings in place of sets: they keep the order.
    _words: dict[Words, None] = field(factory=dict)
    _files: dict[Files, None] = field(factory=dict)
    _regions: dict[Region, None] = field(factory=dict)
    _noted: dict[Noted, None] = field(factory=dict)

    def forecast(self, seconds: float) -> Forecast:
        """Give what was gathered; the longest branch takes so many seconds."""
        return Forecast(
            deeds=tuple(self._with_twins()),
            words=tuple(self._words),
            files=tuple(self._files),
            regions=tuple(self._regions),
            namings=tuple(self._namings),
            noted=tuple(self._noted),
            seconds=seconds,
            unsure=self.unsure,
            done=frozenset(self.done),
        )

    def note(self, where: Where, message: str, advice: str, *, fatal: bool = True) -> None:
        """Take down what is wrong with a step, whatever the item."""
        self._noted[Noted(where, message, advice, fatal)] = None

    def say(self, stamped: Stamped, template: str, *, button: str = "") -> Words | None:
        """Take down a prompt, if there is one."""
        if not template:
            return None
        words = Words(
            where=stamped.where("prompt"),
            template=template,
            button=button,
            optional=isinstance(stamped.step, Video),
        )
        self._words[words] = None
        return words

    def open(self, stamped: Stamped, opening: Opening) -> None:
        """Take down the files of a step."""
        given = tuple(text for text in opening.pictures if text != CURRENT)
        if given:
            files = Files(
                where=stamped.where(opening.argument),
                templates=given,
                purpose=opening.purpose,
                links=opening.links,
                holes=opening.act == "edits" and opening.mask is None,
                different=opening.act == "swap_face",
            )
            self._files[files] = None
        if opening.mask is not None:
            where, picture = stamped.where("mask"), given[0] if given else ""
            self.cover(Region(where=where, mask=opening.mask, picture=picture))

    def cover(self, region: Region) -> None:
        """Take down a mask."""
        self._regions[region] = None

    def name(self, naming: Naming) -> None:
        """Take down the files that a step makes."""
        self._namings.append(naming)

    def choose(self, candidates: Sequence[str]) -> None:
        """Take down that what follows is done for some of these keys, nobody knows which."""
        self._choices.append((tuple(candidates), len(self.deeds)))

    def _with_twins(self) -> list[Deed]:
        deeds = list(self.deeds)
        for candidates, begin in self._choices:
            for at in range(begin, len(deeds)):
                deeds[at] = evolve(deeds[at], twins=_twins(deeds[at].key, candidates))
        return deeds


def _twins(key: str, candidates: Sequence[str]) -> tuple[str, ...]:
    """List the keys that a deed behind a choice has if others are chosen."""
    chosen = next((one for one in candidates if key.startswith(f"{one}/")), None)
    if chosen is None:
        return ()
    return tuple(f"{one}{key[len(chosen) :]}" for one in candidates if one != chosen)
