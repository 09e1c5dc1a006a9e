"""How each kind of server says no: status, shape and words (P§2.14, P§2.19, P§8)."""

from __future__ import annotations

from typing import Protocol

from mjflow.simulator import wire
from mjflow.simulator.clock import Clock
from mjflow.simulator.wire import JSON, JSON_UTF8, SNIFFED, Reply, encode, shape_a, shape_b

TEXT = "text/plain; charset=utf-8"
# Paths of a gateway below these are answered with an error, any other with the dashboard.
STRICT = ("/v1", "/api", "/assets")


class Voice(Protocol):
    """What a server answers where it does not do what it was asked for."""

    #: The type of the answers to submits.
    submit_type: str

    def no_key(self, request_id: str) -> Reply:
        """No key came."""

    def bad_key(self, request_id: str) -> Reply:
        """The key is not good."""

    def expired_key(self, request_id: str) -> Reply:
        """The key was good once."""

    def unreadable(self, problem: str, request_id: str) -> Reply:
        """The body is no JSON, or a field has a wrong type."""

    def untyped(self, request_id: str) -> Reply:
        """The body does not say that it is JSON."""

    def too_large(self) -> Reply:
        """The body is larger than it takes."""

    def broken(self, request_id: str) -> Reply:
        """Something broke inside."""

    def unknown_task(self) -> Reply:
        """There is no such task to fetch."""

    def unrouted(self, method: str, path: str) -> Reply:
        """There is no such path."""


class GatewayVoice:
    """new-api: shapes A and B, and a dashboard for every path it does not know."""

    submit_type = SNIFFED

    def no_key(self, request_id: str) -> Reply:
        """No key came."""
        return shape_a(401, "未提供令牌", request_id)

    def bad_key(self, request_id: str) -> Reply:
        """The key is not good."""
        return shape_a(401, "无效的令牌", request_id)

    def expired_key(self, request_id: str) -> Reply:
        """The key was good once."""
        return shape_a(401, "该令牌已过期", request_id)

    def unreadable(self, problem: str, request_id: str) -> Reply:
        """The body is no JSON, or a field has a wrong type."""
        return shape_a(400, f"Invalid request, {problem}", request_id)

    def untyped(self, request_id: str) -> Reply:
        """The body is empty and does not say that it is JSON."""
        return shape_b(5, "read_request_body_failed")

    def too_large(self) -> Reply:
        """The server behind refuses without a word, and the gateway passes that on."""
        return Reply(413, b"", SNIFFED)

    def broken(self, request_id: str) -> Reply:
        """Something broke inside."""
        return shape_a(500, "Internal Server Error", request_id)

    def unknown_task(self) -> Reply:
        """There is no such task to fetch."""
        return shape_b(4, "task_no_found")

    def unrouted(self, method: str, path: str) -> Reply:
        """There is no such path, P§2.19."""
        if not path.startswith(STRICT):
            return wire.html(200, wire.DASHBOARD)
        text = f"Invalid URL ({method} {path})"
        error = {"message": text, "type": "invalid_request_error", "param": "", "code": ""}
        return Reply(404, encode({"error": error}))


class TrueaiVoice:
    """trueai: plain texts, empty bodies, and an object of its own for exceptions (P§8.3)."""

    submit_type = JSON_UTF8

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def no_key(self, request_id: str) -> Reply:
        """No key came."""
        return Reply(401, b"Authorization header missing.", TEXT)

    def bad_key(self, request_id: str) -> Reply:
        """The key is not good; a stranger is told the same as somebody without a key."""
        return self.no_key(request_id)

    def expired_key(self, request_id: str) -> Reply:
        """The account was closed."""
        return Reply(401, "账号已禁用".encode(), TEXT)

    def unreadable(self, problem: str, request_id: str) -> Reply:
        """The body is no JSON, or a field has a wrong type."""
        return self.wrapped(problem)

    def untyped(self, request_id: str) -> Reply:
        """The body does not say that it is JSON."""
        return self.wrapped("Unsupported Media Type")

    def too_large(self) -> Reply:
        """The body is larger than the framework takes."""
        return Reply(413, b"", TEXT)

    def broken(self, request_id: str) -> Reply:
        """Something broke inside."""
        return self.wrapped("服务异常，请稍后重试", status=500)

    def unknown_task(self) -> Reply:
        """There is no such task to fetch."""
        return Reply(204, b"", TEXT)

    def unrouted(self, method: str, path: str) -> Reply:
        """There is no such path."""
        return Reply(404, b"", TEXT)

    def wrapped(self, message: str, *, status: int = 200) -> Reply:
        """Wrap an exception as the server does, P§8.3."""
        now = self._clock.millis(self._clock.now())
        body = {"success": False, "code": -1, "message": message, "timestamp": now}
        return Reply(status, encode(body))


class NovicezkVoice:
    """novicezk: empty bodies, and the framework's own JSON (P§8.4)."""

    submit_type = JSON

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def no_key(self, request_id: str) -> Reply:
        """No key came."""
        return Reply(401, b"", TEXT)

    def bad_key(self, request_id: str) -> Reply:
        """The key is not good."""
        return self.no_key(request_id)

    def expired_key(self, request_id: str) -> Reply:
        """The key was good once."""
        return self.no_key(request_id)

    def unreadable(self, problem: str, request_id: str) -> Reply:
        """The body is no JSON, or a field has a wrong type."""
        return self._framework(400, "Bad Request", "")

    def untyped(self, request_id: str) -> Reply:
        """The body does not say that it is JSON."""
        return self._framework(415, "Unsupported Media Type", "")

    def too_large(self) -> Reply:
        """The body is larger than the framework takes."""
        return self._framework(413, "Payload Too Large", "")

    def broken(self, request_id: str) -> Reply:
        """Something broke inside."""
        return self._framework(500, "Internal Server Error", "")

    def unknown_task(self) -> Reply:
        """There is no such task to fetch."""
        return Reply(200, b"", TEXT)

    def unrouted(self, method: str, path: str) -> Reply:
        """There is no such path."""
        return self._framework(404, "Not Found", path)

    def _framework(self, status: int, error: str, path: str) -> Reply:
        now = self._clock.millis(self._clock.now())
        body = {"timestamp": now, "status": status, "error": error, "path": path or "/mj"}
        return Reply(status, encode(body), JSON)


def voice_of(family: str, clock: Clock) -> Voice:
    """Give the voice of a kind of server."""
    if family == "trueai":
        return TrueaiVoice(clock)
    return NovicezkVoice(clock) if family == "novicezk" else GatewayVoice()
