"""mjflow's own mark inside the wire's `state`, by which a lost task is found again (P§9)."""

from __future__ import annotations

import base64

from mjflow.errors import InvalidInput

#: Characters of `state` that a trueai server takes (P§4.3); it counts UTF-16 units.
LONGEST_STATE = 255
#: Random bytes that `new_token` wants: 96 bits, so that no two ever meet.
TOKEN_BYTES = 12

_MARK = "mj1."


def new_token(rand: bytes) -> str:
    """Make a token of `TOKEN_BYTES` random bytes: 20 lower-case letters and digits."""
    return base64.b32encode(rand).decode("ascii").rstrip("=").lower()


def wrap(token: str, user_state: str) -> str:
    """
    Put the token in front of the user's own state: `mj1.<token>:<user's state>`.

    Raises:
        InvalidInput: Both together are longer than servers take.
    """
    state = f"{_MARK}{token}:{user_state}"
    too_much = _units(state) - LONGEST_STATE
    if too_much > 0:
        room = _units(user_state) - too_much
        raise InvalidInput(
            f"state= is too long: servers have room for {room} characters of it",
            advice="Keep the text yourself, and give the key under which you find it.",
        )
    return state


def check_state(user_state: str) -> None:
    """Raise `InvalidInput` for a state that leaves no room for a token."""
    wrap(new_token(bytes(TOKEN_BYTES)), user_state)


def unwrap(text: str) -> tuple[str | None, str]:
    """Take a wire's state apart: the token, `None` if it is not ours, and the user's state."""
    mark, colon, user_state = text.partition(":")
    token = mark.removeprefix(_MARK)
    return (token, user_state) if colon and token and token != mark else (None, text)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
