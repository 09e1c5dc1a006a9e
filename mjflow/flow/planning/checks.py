"""
What an item's own values make of a flow's texts, files and names: the part of a plan that is done
for each item.

What is the same for all of them is looked at once; a text or a file that comes again is not looked
at again.  Blocking, for it reads the files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from attrs import define, field

from mjflow.errors import InvalidInput
from mjflow.flow import templates
from mjflow.flow.items import Item
from mjflow.flow.planning.findings import Findings
from mjflow.flow.planning.namings import Names
from mjflow.flow.planning.parameters import Flaw, flaws, ratio_of
from mjflow.flow.planning.sources import Sources, check_over, misfit
from mjflow.flow.planning.spots import Files, Forecast, Region, Words
from mjflow.media import inputs
from mjflow.protocol.dialect import Dialect

#: Looks at something for an item, or for so many with this one first.
_Look = Callable[[Item, int], None]

_RESIZE = "It has to be as large as the picture: add +resized behind its path, or take a shape."
_HOLES = "Say by `mask:` what is to change, or give a PNG in which that is transparent."
_ADVICE = {
    "reference picture": "Put the link in front of the prompt: `imagine: https://... a cat`."
}
_ONLY_TRUEAI = (
    "only a trueai server describes a picture by its link",
    "Give the path of the picture's file.",
)


@define
class Checks:
    """Looks at items, one forecast's after the other's."""

    findings: Findings
    sources: Sources
    names: Names
    dialect: Dialect
    #: By text, button and whether it may be empty: what is sent, and what is wrong with it.
    _texts: dict[tuple[str, str, bool], tuple[str, tuple[Flaw, ...]]] = field(factory=dict)

    def look(self, forecast: Forecast, items: Sequence[Item]) -> None:
        """Look at items that share a forecast."""
        varying: list[_Look] = []
        for look, texts in self._looks(forecast):
            if any(map(templates.fields, texts)):
                varying.append(look)
            else:
                look(items[0], len(items))
        self.names.begin(forecast.namings, items[0])
        for item in items:
            for look in varying:
                look(item, 1)
            self.names.add(item)

    def _looks(self, forecast: Forecast) -> list[tuple[_Look, tuple[str, ...]]]:
        """List what is to be looked at, and the texts on which it depends."""
        return [
            *((partial(self._say, words), (words.template,)) for words in forecast.words),
            *((partial(self._open, files), files.templates) for files in forecast.files),
            *((partial(self._cover, region), _texts_of(region)) for region in forecast.regions),
        ]

    # --- prompts --------------------------------------------------------------------------

    def _say(self, words: Words, item: Item, count: int) -> None:
        for flaw in self._read(words, item)[1]:
            self.findings.add(words.where, flaw, item, count)

    def _read(self, words: Words, item: Item) -> tuple[str, tuple[Flaw, ...]]:
        text = templates.fill(words.template, item.values)
        which = (text, words.button, words.optional)
        known = self._texts.get(which)
        if known is None:
            nothing = words.optional and not text.strip()
            known = self._texts[which] = ("", ()) if nothing else flaws(text, button=words.button)
        return known

    # --- files ----------------------------------------------------------------------------

    def _open(self, files: Files, item: Item, count: int) -> None:
        paths = [templates.fill(one, item.values) for one in files.templates]
        try:
            self._check(files, paths)
        except InvalidInput as error:
            self.findings.complain(files.where, error.message, error.advice, item, count)
        described = files.purpose == "picture to describe"
        if described and self.dialect.name != "trueai" and inputs.is_link(paths[0]):
            self.findings.warn(files.where, *_ONLY_TRUEAI, item, count)

    def _check(self, files: Files, paths: Sequence[str]) -> None:
        for path in paths:
            _check_path(path, files)
        self.sources.together(paths, files.purpose)
        if files.different and len(set(paths)) < len(paths):
            raise InvalidInput("the picture with the face and the one to put it into are the same")
        if files.holes and not inputs.is_link(paths[0]):
            try:
                self.sources.holes(paths[0], files.purpose)
            except InvalidInput as error:
                raise InvalidInput(error.message, advice=_HOLES) from error

    # --- masks ----------------------------------------------------------------------------

    def _cover(self, region: Region, item: Item, count: int) -> None:
        try:
            wrong = self._misfit(region, item)
        except InvalidInput as error:
            self.findings.complain(region.where, error.message, error.advice, item, count)
        else:
            if wrong:
                self.findings.warn(region.where, wrong, _RESIZE, item, count)

    def _misfit(self, region: Region, item: Item) -> str:
        source = region.mask
        mask = self.sources.mask(
            templates.fill(source, item.values) if isinstance(source, str) else source
        )
        picture = templates.fill(region.picture, item.values)
        if picture and not inputs.is_link(picture):
            check_over(mask, self.sources.picture(picture, "picture to edit"))
        if region.drawn is None:
            return ""
        return misfit(mask, ratio_of(self._read(region.drawn, item)[0]))


def _texts_of(region: Region) -> tuple[str, ...]:
    mask = region.mask if isinstance(region.mask, str) else ""
    drawn = region.drawn.template if region.drawn else ""
    return mask, region.picture, drawn


def _check_path(path: str, files: Files) -> None:
    if not path.strip():
        raise InvalidInput(f"the path of the {files.purpose} is empty")
    if not inputs.is_link(path):
        return
    try:
        inputs.image(path, files.purpose, links=files.links)
    except InvalidInput as error:
        advice = _ADVICE.get(files.purpose, error.advice)
        raise InvalidInput(error.message, advice=advice) from error
