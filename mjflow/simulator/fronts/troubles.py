"""Faults of requests: what is answered instead, before or after something was done (P§12.7-9)."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve, frozen

from mjflow.simulator import wire
from mjflow.simulator.acts.gates import no_channel
from mjflow.simulator.clock import Clock
from mjflow.simulator.faults import CATALOGUE, Faults, Where
from mjflow.simulator.voices import TrueaiVoice, Voice
from mjflow.simulator.wire import Ending, Json, Refused, Reply, encode, rejected, shape_b

SATURATED = "当前分组负载已饱和，请稍后再试，或升级账户以提升服务质量。"
# Seconds of silence before a connection breaks, and before a slow picture comes.
SILENCE = 300.0
SLOWNESS = 20.0
PROXY_STATUSES = (502, 504, 520, 521, 522, 523, 524, 525, 526)
MINUS_ONE = {
    "minus-one": "超过最大并发数",
    "minus-one-quota": "今日绘图次数已达上限",
    "minus-one-blocked": "账号已被临时封锁，请勿使用违规词作图",
}


@frozen
class Asked:
    """A request that a fault is about to answer."""

    request_id: str
    body: Json
    act: str = "fetch"


class Troubles:
    """The faults of requests at one server."""

    def __init__(self, voice: Voice, clock: Clock, faults: Faults) -> None:
        self._voice = voice
        self._wrapper = TrueaiVoice(clock)
        self._faults = faults

    def before(self, where: Where, asked: Asked) -> None:
        """Answer with an error where a fault strikes before anything is done."""
        for name, make in _BEFORE.items():
            if where in CATALOGUE[name].strikes and self._faults.strikes(name):
                raise Refused(make(self, asked))

    def instead(self) -> Reply | None:
        """Give the answer that hides a task which a gateway never heard of."""
        if self._faults.strikes("do-request-failed"):
            return shape_b(5, "do_request_failed")
        if self._faults.strikes("code-5-with-task"):
            return shape_b(5, "unmarshal_response_body_failed")
        return self.nothing()

    def nothing(self) -> Reply | None:
        """Give the answer that is empty though something was done."""
        if self._faults.strikes("empty-200"):
            return Reply(200, b"", self._voice.submit_type)
        return None

    def sent(self, reply: Reply) -> Reply:
        """Let an answer to something that was done get lost on its way."""
        if self._faults.strikes("lost-reply"):
            return evolve(reply, ending=Ending.LOST)
        if self._faults.strikes("timeout-after-accept"):
            return evolve(reply, ending=Ending.HUNG, delay=SILENCE)
        if self._faults.strikes("cut-reply"):
            return evolve(reply, ending=Ending.CUT)
        return reply

    def numbered(self, body: Json) -> Json:
        """Give the id as a number, where it is one and loses nothing by it."""
        result = body["result"]
        is_number = isinstance(result, str) and result.isdigit() and not result.startswith("0")
        if not is_number or not self._faults.strikes("result-as-integer"):
            return body
        return body | {"result": int(result)}

    def minus_one(self, name: str) -> Reply:
        """Wrap a broken rule as trueai wraps its exceptions (P§8.3)."""
        reply = self._wrapper.wrapped(MINUS_ONE[name])
        return evolve(reply, content_type=self._voice.submit_type)

    def proxy_page(self) -> Reply:
        """Give the page of a proxy that stands before everything."""
        status = self._faults.pick("shape-f", PROXY_STATUSES)
        return wire.html(status, wire.BAD_GATEWAY.replace("502 Bad Gateway", f"{status} Error"))

    def submitted(self, body: Json) -> Reply:
        """Give an error of the server that keeps the tasks."""
        return Reply(200, encode(body), self._voice.submit_type)


def _banned(troubles: Troubles, asked: Asked) -> Reply:
    prompt = str(asked.body.get("prompt") or "")
    words = [word for word in prompt.partition("--")[0].split() if word.isalpha()]
    return troubles.submitted(wire.banned(prompt, words[0] if words else "word"))


# The order is that of the checks a request passes.
_BEFORE: dict[str, Callable[[Troubles, Asked], Reply]] = {
    "shape-f": lambda troubles, _: troubles.proxy_page(),
    "shape-e": lambda *_: Reply(502, b"", wire.SNIFFED),
    "shape-d": lambda *_: wire.html(200, wire.DASHBOARD),
    "http-502": lambda *_: wire.html(502, wire.BAD_GATEWAY),
    "html-200": lambda *_: wire.html(200, wire.DASHBOARD),
    "rate-limited": lambda *_: Reply(429, b"", wire.SNIFFED),
    "queue-full-429": lambda *_: shape_b(30, "", status=429, result=SATURATED),
    "shape-a": lambda _, asked: no_channel(asked.act, asked.request_id),
    "shape-b": lambda *_: shape_b(4, "get_channel_info_failed"),
    "code-5-without-task": lambda *_: shape_b(5, "do_request_failed"),
    "minus-one": lambda troubles, _: troubles.minus_one("minus-one"),
    "minus-one-quota": lambda troubles, _: troubles.minus_one("minus-one-quota"),
    "minus-one-blocked": lambda troubles, _: troubles.minus_one("minus-one-blocked"),
    "shape-c": lambda troubles, _: troubles.submitted(rejected(9, "系统异常，请稍后重试")),
    "no-account": lambda troubles, _: troubles.submitted(rejected(3, "无可用的账号实例")),
    "queue-full-23": lambda troubles, _: troubles.submitted(wire.queue_full(23)),
    "queue-full-9": lambda troubles, _: troubles.submitted(wire.queue_full(9)),
    "banned-24": _banned,
}
