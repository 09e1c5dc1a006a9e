"""Whose request it is: the gateway's way of reading a key (P§1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mjflow.simulator.faults import Faults
from mjflow.simulator.profiles import Profile
from mjflow.simulator.wire import Refused, shape_a


class Keys:
    """The keys that are good; None takes any, and requests without one."""

    def __init__(self, keys: Collection[str] | None, profile: Profile, faults: Faults) -> None:
        self._keys = None if keys is None else {key.removeprefix("sk-") for key in keys}
        self._any_case = profile.any_case_bearer
        self._faults = faults

    def user(self, headers: Mapping[str, str], request_id: str) -> str:
        """Give the user of a request, whose own the tasks are, or refuse with 401 or 403."""
        key = self._bare(headers.get("Authorization", ""))
        if key in ("", "midjourney-proxy"):
            key = self._bare(headers.get("mj-api-secret", ""))
        if not key and self._keys is not None:
            raise Refused(shape_a(401, "未提供令牌", request_id))
        if self._faults.strikes("expired-key"):
            raise Refused(shape_a(401, "该令牌已过期", request_id))
        # A key with a dash in it can't be told from one with a channel pin: as it stands first.
        if self._keys is None or key in self._keys:
            return key
        name, _, pin = key.partition("-")
        if name not in self._keys:
            raise Refused(shape_a(401, "无效的令牌", request_id))
        if pin:
            raise Refused(shape_a(403, "普通用户不支持指定渠道", request_id))
        return name

    def _bare(self, value: str) -> str:
        prefix = value[:7].capitalize() if self._any_case else value[:7]
        bare = value[7:] if prefix == "Bearer " else value
        return bare.strip().removeprefix("sk-")
