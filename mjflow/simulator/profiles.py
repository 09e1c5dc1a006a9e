"""How the simulated servers differ, as data."""

from __future__ import annotations

from attrs import frozen

# USD for one act, P§3.6; a button that only opens a dialog is free, its answer is paid.
PRICES: dict[str, float] = {"UPSCALE": 0.05, "INPAINT": 0.0, "CUSTOM_ZOOM": 0.0}
OTHER_PRICE = 0.1

# Seconds from start to end, P§10.
GRID_SECONDS: dict[str, tuple[float, float]] = {
    "FAST": (30.0, 60.0),
    "TURBO": (10.0, 20.0),
    "RELAX": (60.0, 600.0),
}
UPSCALE_SECONDS = (1.0, 4.0)
# Seconds from leaving the queue to the start at Midjourney.
START_SECONDS = (1.0, 2.5)


@frozen
class Profile:
    """One kind of server."""

    name: str
    #: Seconds between two rounds in which the gateway looks at the server behind it.
    refresh: float = 15.0
    #: Seconds from the submit after which the gateway gives an unfinished task up.
    limit: float = 3600.0
    #: Codes 22 and (but for Inpaint and CustomZoom) 21 reach the client as 1, P§3.4.
    rewrites_codes: bool = True
    #: Rows have `videoUrl` and `videoUrls`, as in later builds.
    video_fields: bool = True
    #: A lower-case `bearer` is understood, as in later builds.
    any_case_bearer: bool = True
    #: The speed of a path without a prefix, where the prompt names none.
    mode: str = "FAST"
    #: The largest request the server behind takes, in bytes.
    body_limit: int = 30 * 1024 * 1024
    #: The submits this build routes; any other path is answered with the dashboard page.
    submits: frozenset[str] = frozenset({"imagine", "action", "change", "modal", "simple-change"})


PROFILES: dict[str, Profile] = {profile.name: profile for profile in (Profile("gateway"),)}


def profile_of(name: str | Profile) -> Profile:
    """
    Give a profile by its name; a profile made by hand is given back.

    Raises:
        ValueError: There is none of that name.
    """
    if isinstance(name, Profile):
        return name
    if name not in PROFILES:
        raise ValueError(f"unknown profile {name!r}; there are: {', '.join(PROFILES)}")
    return PROFILES[name]


def price_of(action: str) -> float:
    """Give what the gateway charges for an action, in USD."""
    return PRICES.get(action, OTHER_PRICE)
