"""What one kind of server does differently from the others, as data."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from attrs import frozen

from mjflow.errors import InvalidInput, RequestRefused
from mjflow.protocol.requests import Mode


class Auth(StrEnum):
    """How a server wants the key (P§1)."""

    #: `Authorization: Bearer <key>`.
    BEARER = "bearer"
    #: `Authorization: <key>`.
    RAW = "raw"
    #: `mj-api-secret: <key>`.
    SECRET = "secret"

    def header(self, key: str) -> tuple[str, str]:
        """Return the header, name and value, that carries the key."""
        if self is Auth.SECRET:
            return "mj-api-secret", key
        return "Authorization", f"Bearer {key}" if self is Auth.BEARER else key


@frozen(kw_only=True)
class Dialect:
    """The ways of one kind of server."""

    name: str
    #: How it wants the key (P§1).
    auth: Auth
    #: Path prefixes of the speed modes it knows; without a mode there is none (P§1).
    prefixes: Mapping[Mode, str]
    #: Seconds between two refreshes of what it tells; `None` if it always tells the newest (P§10).
    refresh: float | None = None
    #: Seconds between two looks at a task; more often gains nothing (P§10).
    poll_interval: float
    #: Whether buttons are clicked by `submit/action` or by `submit/change` (P§2.1).
    clicks: Literal["action", "change"] = "action"
    #: Whether a lost submit can be looked for by the token in its `state` (P§9).
    finds_tokens: bool
    #: Seconds to look for a lost submit before saying that it is in doubt (P§9).
    lost_reply_wait: float
    #: Whether it serves the pictures itself, under `/mj/image/{id}` (P§2.18).
    serves_images: bool = False
    #: Whether a restart of the server makes it forget every task (P§5.2).
    restarts_forget: bool = False
    #: Acts it is known not to have, by the names of the client's methods; of others it is asked.
    lacks: frozenset[str] = frozenset()

    def check_act(self, act: str) -> None:
        """
        Make sure that the server is not known to lack an act (P§2.1).

        Raises:
            RequestRefused: It is; says who has it.
        """
        if act not in self.lacks:
            return
        others = [dialect.name for dialect in DIALECTS.values() if act not in dialect.lacks]
        raise RequestRefused(
            f"a server of the dialect {self.name!r} does not offer {act!r}",
            advice=f"Nothing was sent or paid. It takes another server: {' or '.join(others)}.",
        )

    def prefix(self, mode: Mode | None) -> str:
        """
        Return the path prefix of a speed mode; without a mode the server chooses.

        Raises:
            InvalidInput: The server knows no speed modes, or not this one.
        """
        if mode is None:
            return ""
        if mode not in self.prefixes:
            raise InvalidInput(
                f"a server of the dialect {self.name!r} has no {mode} mode",
                advice=f"Leave the mode out, or write --{mode} into the prompt.",
            )
        return self.prefixes[mode]


#: A reseller's gateway of the new-api family, such as DeerAPI.
GATEWAY = Dialect(
    name="gateway",
    auth=Auth.BEARER,
    # At DeerAPI no prefix means relax, and `/mj-relax` is not documented (P§1, P§13).
    prefixes={Mode.RELAX: "", Mode.FAST: "/mj-fast", Mode.TURBO: "/mj-turbo"},
    refresh=15.0,
    poll_interval=5.0,
    finds_tokens=False,
    lost_reply_wait=0.0,
    serves_images=True,
)

#: A trueai-org/midjourney-proxy server, spoken to directly.
TRUEAI = Dialect(
    name="trueai",
    auth=Auth.RAW,
    prefixes={Mode.RELAX: "/mj-relax", Mode.FAST: "/mj-fast", Mode.TURBO: "/mj-turbo"},
    poll_interval=3.0,
    finds_tokens=True,
    lost_reply_wait=120.0,
)

#: A novicezk/midjourney-proxy server, spoken to directly: no buttons, no dialogs, no modes.
NOVICEZK = Dialect(
    name="novicezk",
    auth=Auth.SECRET,
    prefixes={},
    poll_interval=3.0,
    clicks="change",
    finds_tokens=True,
    lost_reply_wait=120.0,
    restarts_forget=True,
    lacks=frozenset({"shorten", "video", "edits", "swap_face", "upload", "seed", "cancel"}),
)

#: Every dialect, by name.
DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (GATEWAY, TRUEAI, NOVICEZK)}

#: Public hosts of which it is known.
_HOSTS = {"api.deerapi.com": GATEWAY}

#: Other names that people know a dialect by.
_ALIASES = {"deerapi": "gateway", "new-api": "gateway", "one-hub": "gateway"}


def dialect_named(name: str) -> Dialect:
    """
    Return a dialect by its name, or by that of a product that speaks it.

    Raises:
        InvalidInput: There is none; names the nearest and all there are.
    """
    wanted = name.strip().casefold().replace("_", "-")
    found = DIALECTS.get(_ALIASES.get(wanted, wanted))
    if found is None:
        raise _unknown(name, wanted)
    return found


def dialect_at(base_url: str) -> Dialect | None:
    """Return the dialect of a public host; `None` when the host alone does not tell."""
    return _HOSTS.get(urlsplit(base_url).hostname or "")


def _unknown(name: str, wanted: str) -> InvalidInput:
    near = get_close_matches(wanted, [*DIALECTS, *_ALIASES], n=1)
    meant = f"Did you mean {near[0]!r}? " if near else ""
    return InvalidInput(
        f"there is no dialect {name!r}",
        advice=f"{meant}The dialects: {', '.join(DIALECTS)} (MJFLOW_DIALECT).",
    )
