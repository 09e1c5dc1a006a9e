"""The token inside the wire's state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.errors import InvalidInput
from mjflow.protocol.token import LONGEST_STATE, TOKEN_BYTES, new_token, unwrap, wrap

TOKEN = "abcdefghijklmnopqrst"
#: What is left of 255 characters beside `mj1.`, the token and the colon.
ROOM = 230

tokens = st.binary(min_size=TOKEN_BYTES, max_size=TOKEN_BYTES).map(new_token)


def test_wrap() -> None:
    """The token stands in front of the user's state."""
    assert wrap(TOKEN, "order-17") == "mj1.abcdefghijklmnopqrst:order-17"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("mj1.abc:order", ("abc", "order")),
        ("mj1.abc:", ("abc", "")),
        ("mj1.abc:a:b\nc", ("abc", "a:b\nc")),
        ("mj1.abc:mj1.def:x", ("abc", "mj1.def:x")),
        ("", (None, "")),
        ("order", (None, "order")),
        ("a:b", (None, "a:b")),
        ("mj1.abc", (None, "mj1.abc")),
        ("mj1.:x", (None, "mj1.:x")),
        ("mj1:x", (None, "mj1:x")),
        ("xmj1.abc:y", (None, "xmj1.abc:y")),
        ("mj2.abc:x", (None, "mj2.abc:x")),
    ],
)
def test_unwrap(text: str, parts: tuple[str | None, str]) -> None:
    """A state of ours is taken apart, any other is left as it is."""
    assert unwrap(text) == parts


@given(tokens, st.text(max_size=100))
def test_round_trip(token: str, user_state: str) -> None:
    """What was wrapped is unwrapped, whatever the user's state holds."""
    assert unwrap(wrap(token, user_state)) == (token, user_state)


@given(st.text())
def test_unwrap_takes_any_text(text: str) -> None:
    """Any text can be unwrapped, and loses nothing."""
    token, user_state = unwrap(text)
    assert text == (user_state if token is None else f"mj1.{token}:{user_state}")


@pytest.mark.parametrize("user_state", ["x" * ROOM, "🔄" * (ROOM // 2)])
def test_longest_state(user_state: str) -> None:
    """The limit counts as the server does: an emoji counts for two (P§4.3)."""
    assert unwrap(wrap(TOKEN, user_state)) == (TOKEN, user_state)
    assert len(wrap(TOKEN, "x" * ROOM)) == LONGEST_STATE
    with pytest.raises(InvalidInput, match=f"room for {ROOM} characters"):
        wrap(TOKEN, user_state + "x")


@given(st.binary(min_size=TOKEN_BYTES, max_size=TOKEN_BYTES))
def test_new_token(rand: bytes) -> None:
    """A token is 20 letters and digits, the same for the same bytes."""
    token = new_token(rand)
    assert (len(token), token.isascii(), token.isalnum(), token.lower()) == (20, True, True, token)
    assert new_token(rand) == token


@given(st.sets(st.binary(min_size=TOKEN_BYTES, max_size=TOKEN_BYTES)))
def test_tokens_differ(rands: set[bytes]) -> None:
    """Different bytes make different tokens."""
    assert len({new_token(rand) for rand in rands}) == len(rands)
