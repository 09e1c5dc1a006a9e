"""Whose request it is: how each kind of server reads a key (P§1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum

from mjflow.simulator.faults import Faults
from mjflow.simulator.profiles import Profile
from mjflow.simulator.voices import Voice
from mjflow.simulator.wire import Refused, shape_a


class Form(Enum):
    """How a key came, with the fault that refuses it."""

    BEARER = "refuses-bearer"
    RAW = "refuses-raw-key"
    SECRET = "refuses-secret"
    NONE = ""


class Keys:
    """The keys that are good; None takes any, and requests without one."""

    def __init__(
        self,
        keys: Collection[str] | None,
        admins: Collection[str],
        profile: Profile,
        voice: Voice,
        faults: Faults,
    ) -> None:
        bare = profile.family == "gateway"
        self._keys = None if keys is None else {_plain(key, bare) for key in (*keys, *admins)}
        self._admins = frozenset(admins)
        self._profile = profile
        self._voice = voice
        self._faults = faults

    def user(self, headers: Mapping[str, str], request_id: str) -> str:
        """Give the user of a request, or refuse with 401 or 403."""
        form, key = self._read(headers)
        if not key and self._keys is not None:
            raise Refused(self._voice.no_key(request_id))
        if form is not Form.NONE and self._faults.strikes(form.value):
            raise Refused(self._voice.bad_key(request_id))
        if self._faults.strikes("expired-key"):
            raise Refused(self._voice.expired_key(request_id))
        # A key with a dash in it can't be told from one with a channel pin: as it stands first.
        if self._keys is None or key in self._keys:
            return key
        if self._profile.gateway:
            return self._pinned(key, self._keys, request_id)
        raise Refused(self._voice.bad_key(request_id))

    def is_admin(self, user: str) -> bool:
        """Tell whether a user may do what only admins may."""
        return user in self._admins

    def _pinned(self, key: str, known: Collection[str], request_id: str) -> str:
        """Read what is behind a dash as a channel, which only admins may choose."""
        name, _, pin = key.partition("-")
        if name not in known:
            raise Refused(self._voice.bad_key(request_id))
        if pin:
            raise Refused(shape_a(403, "普通用户不支持指定渠道", request_id))
        return name

    def _read(self, headers: Mapping[str, str]) -> tuple[Form, str]:
        """Find the key of a request where its server looks for it."""
        given, secret = headers.get("Authorization", ""), headers.get("mj-api-secret", "")
        if self._profile.family == "novicezk":
            return (Form.SECRET, secret) if secret else (Form.NONE, "")
        if self._profile.family == "trueai":
            return self._raw(given, secret)
        is_bearer, key = self._bare(given)
        if key in ("", "midjourney-proxy"):
            key = self._bare(secret)[1]
            return (Form.SECRET, key) if key else (Form.NONE, "")
        return (Form.BEARER if is_bearer else Form.RAW), key

    def _raw(self, given: str, secret: str) -> tuple[Form, str]:
        """Take a value as it stands: with `Bearer` before it, it is nobody's token."""
        if given[:7].lower() == "bearer ":
            # The part of the header that would be good is not looked at, whatever keys there are.
            raise Refused(self._voice.bad_key(""))
        if given:
            return Form.RAW, given
        return (Form.SECRET, secret) if secret else (Form.NONE, "")

    def _bare(self, value: str) -> tuple[bool, str]:
        prefix = value[:7].capitalize() if self._profile.any_case_bearer else value[:7]
        is_bearer = prefix == "Bearer "
        bare = value[7:] if is_bearer else value
        return is_bearer, bare.strip().removeprefix("sk-")


def _plain(key: str, bare: bool) -> str:
    return key.removeprefix("sk-") if bare else key
