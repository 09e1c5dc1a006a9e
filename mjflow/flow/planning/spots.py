"""What a forecast is made of: where a branch has come to, and what is to be looked into."""

from __future__ import annotations

from attrs import frozen

from mjflow.flow.planning.bill import Entry
from mjflow.flow.planning.findings import Where
from mjflow.media.masks import Mask
from mjflow.protocol.grammar import Stage


@frozen(kw_only=True)
class Words:
    """A prompt before an item has filled it in."""

    where: Where
    template: str
    #: Canonical name of the button whose dialog takes it; `""` of a root act.
    button: str = ""
    #: Whether it may be left empty.
    optional: bool = False


@frozen(kw_only=True)
class Files:
    """Pictures that go out in one request, before an item has named them."""

    where: Where
    templates: tuple[str, ...]
    #: What they are for, such as `picture to blend`.
    purpose: str
    #: Whether http(s) links will do.
    links: bool
    #: Whether something in it has to be transparent.
    holes: bool = False
    #: Whether they must not be the same.
    different: bool = False


@frozen(kw_only=True)
class Region:
    """A mask before an item has named it."""

    where: Where
    mask: str | Mask
    #: Template of the picture that it is for, where that is a file.
    picture: str = ""
    #: The prompt that says the shape of the picture it is for, where one does.
    drawn: Words | None = None


@frozen(kw_only=True)
class Spot:
    """Where a branch has come to, as far as that is known before."""

    #: What its task ended with; `None` if nobody knows.
    stage: Stage | None = None
    #: Canonical name of the button that made it, or else what the act is called.
    button: str = ""
    action: str = ""
    #: Key of the task that it builds on.
    parent: str = ""
    #: The prompt that it was drawn from, and the one that told its shape.
    prompt: Words | None = None
    drawn: Words | None = None
    #: Pictures, or clips, that a download of it saves.
    pictures: int = 1
    #: Seconds until it is there.
    seconds: float = 0.0


@frozen(kw_only=True)
class Naming:
    """Files that a step makes, before an item has named them."""

    where: Where
    template: str
    #: What tells their pictures from others of the item.
    source: str
    branch: str
    spot: Spot


@frozen(kw_only=True)
class Deed:
    """A command that will be given for each item."""

    #: Unique within the item: the journal's key.
    key: str
    #: Keys that it may have instead: nobody knows which branches are chosen.
    twins: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    #: Pictures that are fetched for it.
    downloads: int = 0
    #: Whether it opens a dialog more where an account has remix mode on.
    may_open: bool = False


@frozen
class Noted:
    """Something wrong with a step, whatever the item."""

    where: Where
    message: str
    advice: str
    fatal: bool


@frozen(kw_only=True)
class Forecast:
    """What a flow will do for items that are alike in what conditions and buttons name."""

    deeds: tuple[Deed, ...] = ()
    words: tuple[Words, ...] = ()
    files: tuple[Files, ...] = ()
    regions: tuple[Region, ...] = ()
    namings: tuple[Naming, ...] = ()
    noted: tuple[Noted, ...] = ()
    #: Of its longest branch.
    seconds: float = 0.0
    #: Whether a condition was met that only the run can tell.
    unsure: bool = False
    #: The steps that are done, by where they stand.
    done: frozenset[Where] = frozenset()
