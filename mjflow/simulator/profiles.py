"""How the simulated servers differ, as data (P§2.1, P§3.3, P§3.4, P§5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import evolve, field, frozen

# USD for one act, P§3.6; a button that only opens a dialog is free, its answer is paid.
PRICES: dict[str, float] = {
    **dict.fromkeys(("UPSCALE", "UPSCALE_HD", "DESCRIBE", "SWAP_FACE", "UPLOAD"), 0.05),
    **dict.fromkeys(("INPAINT", "CUSTOM_ZOOM"), 0.0),
}
OTHER_PRICE = 0.1

# Seconds from leaving the queue to the start at Midjourney.
START_SECONDS = (1.0, 2.5)

Span = tuple[float, float]


class Server(Enum):
    """The programs that keep the tasks, directly or behind a gateway."""

    PLUS = "plus"
    TRUEAI = "trueai"
    NOVICEZK = "novicezk"


class Ids(Enum):
    """What a task's id looks like, P§3.2."""

    #: 16 to 18 digits.
    LONG = "long"
    #: The time in milliseconds and three digits.
    MILLIS = "millis"
    #: 16 digits, the first of which may be a zero.
    DIGITS = "digits"


@frozen
class Profile:
    """One kind of server."""

    name: str
    #: Who keeps the tasks.
    server: Server = Server.PLUS
    #: Whether a gateway stands before it, with keys, rows and prices of its own.
    gateway: bool = True
    #: The submits it routes, by the last part of their path.
    submits: frozenset[str] = frozenset()
    #: The other paths it routes.
    reads: frozenset[str] = frozenset()
    #: Speed modes by the first part of a path, P§1.
    prefixes: Mapping[str, str] = field(factory=dict)
    #: Any other first part is routed too, and means nothing.
    any_prefix: bool = False
    #: The speed of a path without a prefix, where nothing else names one.
    mode: str = "FAST"
    #: The largest request the server behind takes, in bytes.
    body_limit: int = 30 * 1024 * 1024

    # The gateway.
    #: Seconds between two rounds in which it looks at the server behind it.
    refresh: float = 15.0
    #: Seconds from the submit after which it gives an unfinished task up.
    limit: float = 3600.0
    #: Codes 22 and (but for Inpaint and CustomZoom) 21 reach the client as 1, P§3.4.
    rewrites_codes: bool = True
    #: Rows have `videoUrl` and `videoUrls`, as in later builds.
    video_fields: bool = True
    #: A lower-case `bearer` is understood, as in later builds.
    any_case_bearer: bool = True
    #: Custom ids of animate, PicReader and the like are understood, P§12.14.
    reads_all_buttons: bool = True

    # The server that keeps the tasks.
    ids: Ids = Ids.LONG
    #: `notifyHook` and `accountFilter` reach it and are obeyed, P§12.10.
    obeys_hooks: bool = False
    obeys_filters: bool = False
    #: The code of a full queue, P§3.3.
    full_code: int = 23
    #: A banned word fails the task late instead of the submit, P§3.3.
    bans_late: bool = False
    #: Actions of which a second click is code 21 with the first id, P§3.4 (a).
    duplicates: frozenset[str] = frozenset()
    #: `submit/change` knows REROLL, P§2.3.
    rerolls: bool = True
    #: `properties` are shown, P§4.2.
    shows_properties: bool = True
    #: U of a grid is done within a second and takes no place, P§5.2.
    instant_upscales: bool = False
    #: Seconds from an accepted answer to the start, beyond those of any task, P§5.4.
    dialog_seconds: Span = (0.0, 0.0)
    #: Seconds from the start, and from the submit in the queue, until it gives up, P§5.5.
    running_limit: float | None = None
    queued_limit: float | None = None

    @property
    def family(self) -> str:
        """Which of the three kinds it is one of: `gateway`, `trueai` or `novicezk`."""
        return "gateway" if self.gateway else self.server.value


_PREFIXES = {"mj-fast": "FAST", "mj-turbo": "TURBO", "mj-relax": "RELAX"}
_EVERYWHERE = frozenset({"imagine", "blend", "describe"})
_CLASSIC = frozenset({"change", "simple-change"})
_MODERN = frozenset({"action", "modal", "shorten", "upload-discord-images", "swap"})
_FILMS = frozenset({"video", "edits"})

#: What DeerAPI most likely is: a later build of new-api before a plus server.  Its documents
#: show Animate buttons, so unlike the sources it reads every custom id.
GATEWAY = Profile(
    "gateway",
    submits=_EVERYWHERE | _CLASSIC | _MODERN | _FILMS,
    reads=frozenset({"fetch", "list-by-condition", "image-seed", "image"}),
    prefixes=_PREFIXES,
    any_prefix=True,
)
#: trueai-org/midjourney-proxy, spoken to directly.
TRUEAI = Profile(
    "trueai",
    server=Server.TRUEAI,
    gateway=False,
    submits=_EVERYWHERE | _MODERN | _FILMS | {"edit", "retexture"},
    reads=frozenset({"fetch", "list-by-condition", "list-by-ids", "list", "image-seed", "cancel"}),
    prefixes=_PREFIXES,
    ids=Ids.MILLIS,
    obeys_hooks=True,
    obeys_filters=True,
    full_code=9,
    bans_late=True,
    instant_upscales=True,
    dialog_seconds=(5.0, 30.0),
    running_limit=300.0,
    queued_limit=3600.0,
)
#: novicezk/midjourney-proxy, spoken to directly: no buttons, no dialogs, no speed modes.
NOVICEZK = Profile(
    "novicezk",
    server=Server.NOVICEZK,
    gateway=False,
    submits=_EVERYWHERE | _CLASSIC,
    reads=frozenset({"fetch", "list-by-condition", "list", "queue"}),
    ids=Ids.MILLIS,
    obeys_hooks=True,
    running_limit=300.0,
)

#: The three kinds of servers, by name.
PROFILES: dict[str, Profile] = {profile.name: profile for profile in (GATEWAY, TRUEAI, NOVICEZK)}
#: Older builds of them, by name.
BUILDS: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        evolve(
            GATEWAY,
            name="gateway-2025-04",
            submits=GATEWAY.submits - _FILMS,
            video_fields=False,
            any_case_bearer=False,
            reads_all_buttons=False,
        ),
        evolve(
            NOVICEZK,
            name="novicezk-2.3.5",
            ids=Ids.DIGITS,
            duplicates=frozenset({"UPSCALE", "VARIATION"}),
            rerolls=False,
            shows_properties=False,
        ),
    )
}


def profile_of(name: str | Profile) -> Profile:
    """
    Give a profile by its name; a profile made by hand is given back.

    Raises:
        ValueError: There is none of that name.
    """
    if isinstance(name, Profile):
        return name
    known = PROFILES | BUILDS
    if name not in known:
        raise ValueError(f"unknown profile {name!r}; there are: {', '.join(known)}")
    return known[name]


def price_of(action: str) -> float:
    """Give what the gateway charges for an action, in USD."""
    return PRICES.get(action, OTHER_PRICE)
