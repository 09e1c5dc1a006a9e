"""Paths of pictures that a run will save: where two of them are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from unicodedata import normalize

from attrs import define, field, frozen

from mjflow.errors import InvalidInput
from mjflow.flow import templates
from mjflow.flow.items import Item
from mjflow.flow.planning.findings import Findings, Where
from mjflow.flow.planning.spots import Naming
from mjflow.media.names import NameTemplate

#: Fields that no two pictures have the same value of.
_UNIQUE = frozenset({"id", "key"})
#: Fields whose value only the run can tell.
_ONLY_LATER = frozenset({"parent", "prompt"})


@frozen
class _Pattern:
    """A template that may give two pictures the same path."""

    naming: Naming
    template: NameTemplate
    #: What is the same for all items.
    fixed: Mapping[str, str]


@define
class _Clash:
    """Where a path came up again."""

    path: str
    item: Item
    count: int = 0


@define
class Names:
    """Foresees paths, one forecast's after the other's, and remembers them."""

    findings: Findings
    run: str
    _patterns: Sequence[_Pattern] = ()
    #: By path as the pickiest of file systems compares it: whose picture it is.
    _taken: dict[str, tuple[str, str]] = field(factory=dict)
    _clashes: dict[Where, _Clash] = field(factory=dict)

    def begin(self, namings: Sequence[Naming], item: Item) -> None:
        """Take these names from now on, of items that have the same values as this one has."""
        self._patterns = [one for naming in namings if (one := self._pattern(naming, item))]

    def _pattern(self, naming: Naming, item: Item) -> _Pattern | None:
        fields = frozenset(templates.fields(naming.template))
        if fields & _UNIQUE:
            return None
        spot = naming.spot
        fixed = {
            "button": spot.button,
            "action": spot.action.lower(),
            "branch": naming.branch,
            "run": self.run,
            "cell": "1",
        }
        try:
            known = {*item.values, *templates.PICTURE_FIELDS, *templates.RUN_FIELDS}
            template = NameTemplate.parse(naming.template, known=known)
        except InvalidInput as error:
            self.findings.complain(naming.where, error.message, error.advice, item)
            return None
        return _Pattern(naming, template, fixed)

    def add(self, item: Item) -> None:
        """Foresee the paths of an item's pictures."""
        for pattern in self._patterns:
            naming = pattern.naming
            values = {
                **item.values,
                **pattern.fixed,
                "item": item.key,
                "parent": f"{item.key} {naming.spot.parent}",
                "prompt": _prompt(naming, item),
            }
            self._take(pattern, item, pattern.template.fill(values))

    def _take(self, pattern: _Pattern, item: Item, path: str) -> None:
        naming = pattern.naming
        whose = (item.key, naming.source)
        if self._taken.setdefault(normalize("NFC", path).casefold(), whose) == whose:
            return
        shown = naming.template if pattern.template.fields & _ONLY_LATER else path
        self._clashes.setdefault(naming.where, _Clash(shown, item)).count += 1

    def end(self) -> None:
        """Tell of the paths that several pictures have."""
        for where, clash in self._clashes.items():
            self.findings.warn(
                where,
                f"several pictures get the same path, such as {clash.path!r}",
                "The later ones get -2, -3 and so on behind it. Add {id} to tell them apart.",
                clash.item,
                clash.count,
            )


def _prompt(naming: Naming, item: Item) -> str:
    """Give the prompt that a picture is drawn from; of one that nobody knows, a stand-in."""
    words = naming.spot.prompt
    if words is None:
        return f"{item.key} {naming.source}"
    return templates.fill(words.template, item.values)
