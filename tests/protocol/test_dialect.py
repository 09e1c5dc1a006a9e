"""Dialects: what each kind of server does differently (P§1, P§2.1, P§9, P§10)."""

from __future__ import annotations

import pytest

from mjflow.errors import InvalidInput, RequestRefused
from mjflow.protocol.dialect import (
    DIALECTS,
    GATEWAY,
    NOVICEZK,
    TRUEAI,
    Auth,
    Dialect,
    dialect_named,
)
from mjflow.protocol.requests import Mode


def named(value: object) -> str:
    """Name a case; what a dialect lacks is a set, and so is written in any order."""
    return value.name if isinstance(value, Dialect) else str(value)


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (GATEWAY, (Auth.BEARER, 15.0, 5.0, "action", False, 0.0, False)),
        (TRUEAI, (Auth.RAW, None, 3.0, "action", True, 120.0, False)),
        (NOVICEZK, (Auth.SECRET, None, 3.0, "change", True, 120.0, True)),
    ],
    ids=named,
)
def test_dialects_differ_as_the_fact_sheet_says(
    dialect: Dialect, expected: tuple[object, ...]
) -> None:
    """Key, refresh, looks, clicks and what can be found again are the server's own."""
    assert expected == (
        dialect.auth,
        dialect.refresh,
        dialect.poll_interval,
        dialect.clicks,
        dialect.finds_tokens,
        dialect.lost_reply_wait,
        dialect.restarts_forget,
    )


@pytest.mark.parametrize(
    ("dialect", "mode", "prefix"),
    [
        (GATEWAY, None, ""),
        (GATEWAY, Mode.RELAX, ""),
        (GATEWAY, Mode.FAST, "/mj-fast"),
        (GATEWAY, Mode.TURBO, "/mj-turbo"),
        (TRUEAI, None, ""),
        (TRUEAI, Mode.RELAX, "/mj-relax"),
        (TRUEAI, Mode.FAST, "/mj-fast"),
        (TRUEAI, Mode.TURBO, "/mj-turbo"),
        (NOVICEZK, None, ""),
    ],
    ids=named,
)
def test_prefix_of_a_speed_mode(dialect: Dialect, mode: Mode | None, prefix: str) -> None:
    """A mode becomes the path prefix of the dialect; no mode leaves it to the server."""
    assert dialect.prefix(mode) == prefix


def test_prefix_refuses_a_mode_that_the_server_does_not_know() -> None:
    """A server without speed modes is not asked for one by a path it would not route."""
    with pytest.raises(InvalidInput, match=r"'novicezk' has no turbo mode.*--turbo"):
        NOVICEZK.prefix(Mode.TURBO)


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (Auth.BEARER, ("Authorization", "Bearer sk-1")),
        (Auth.RAW, ("Authorization", "sk-1")),
        (Auth.SECRET, ("mj-api-secret", "sk-1")),
    ],
)
def test_auth_puts_the_key_into_its_header(auth: Auth, header: tuple[str, str]) -> None:
    """The three ways to carry a key are the three of P§1."""
    assert auth.header("sk-1") == header


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        *DIALECTS.items(),
        (" TrueAI ", TRUEAI),
        ("DeerAPI", GATEWAY),
        ("new_api", GATEWAY),
        ("one-hub", GATEWAY),
    ],
)
def test_dialect_is_found_by_name_and_by_product(name: str, dialect: Dialect) -> None:
    """Names are taken in any case; products that speak a dialect stand for it."""
    assert dialect_named(name) is dialect


@pytest.mark.parametrize("act", ["shorten", "video", "edits", "swap_face", "upload", "seed"])
def test_what_a_dialect_lacks_is_refused_with_those_that_have_it(act: str) -> None:
    """Of novicezk it is known (P§2.1); gateways differ by their age and are asked."""
    with pytest.raises(RequestRefused, match=f"'novicezk' does not offer '{act}'") as caught:
        NOVICEZK.check_act(act)
    assert caught.value.advice.endswith("gateway or trueai.")
    for dialect in (GATEWAY, TRUEAI):
        dialect.check_act(act)


@pytest.mark.parametrize("act", ["imagine", "blend", "describe", "change"])
def test_every_dialect_has_the_acts_of_the_first_servers(act: str) -> None:
    """These are on every server of the sources."""
    for dialect in DIALECTS.values():
        dialect.check_act(act)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gatway", "Did you mean 'gateway'? The dialects: gateway, trueai, novicezk"),
        ("deer-api", "Did you mean 'deerapi'?"),
        ("", "there is no dialect ''. The dialects: gateway"),
    ],
)
def test_unknown_dialect_is_refused_with_the_nearest(name: str, said: str) -> None:
    """A wrong name is an input error that lists the right ones."""
    with pytest.raises(InvalidInput) as caught:
        dialect_named(name)

    assert said in str(caught.value)
