"""HTTP in front of the gateway: paths in, answers out, whole or broken."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from mjflow.simulator import wire
from mjflow.simulator.calls import Call, Shot
from mjflow.simulator.gateway import ACTS, Gateway
from mjflow.simulator.pictures import Gallery
from mjflow.simulator.profiles import Profile
from mjflow.simulator.wire import Ending, Refused, Reply

# The library's own header, P§1; the id is also in every error of shape A.
REQUEST_ID = "X-Oneapi-Request-Id"
# Paths below these are answered with an error, any other unknown one with the dashboard.
STRICT = ("/v1", "/api", "/assets")


class Routes:
    """The handlers of one server; they hold nothing but a count of the requests."""

    def __init__(self, gateway: Gateway, gallery: Gallery, profile: Profile) -> None:
        self._gateway = gateway
        self._gallery = gallery
        self._profile = profile
        self._requests = 0

    def application(self) -> web.Application:
        """Build the application; one is good for one start of the server."""
        app = web.Application(client_max_size=self._profile.body_limit)
        router = app.router
        router.add_get("/_simulator/ledger", self.ledger)
        for prefix in ("/mj", "/{prefix}/mj"):
            router.add_post(f"{prefix}/submit/{{act}}", self.submit)
            router.add_get(f"{prefix}/task/{{id}}/fetch", self.fetch, allow_head=False)
            router.add_post(f"{prefix}/task/list-by-condition", self.list_by_condition)
            router.add_get(f"{prefix}/image/{{id}}", self.image, allow_head=False)
        router.add_route("*", "/{path:.*}", self.unrouted)
        return app

    async def submit(self, request: web.Request) -> web.StreamResponse:
        """Answer `POST /mj/submit/{act}`."""
        act = request.match_info["act"]
        if act not in ACTS or act not in self._profile.submits:
            return await self.unrouted(request)
        return await self._answer(request, lambda call: self._gateway.submit(call, act))

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET /mj/task/{id}/fetch`."""
        task_id = request.match_info["id"]
        return await self._answer(request, lambda call: self._gateway.fetch(call, task_id))

    async def list_by_condition(self, request: web.Request) -> web.StreamResponse:
        """Answer `POST /mj/task/list-by-condition`."""
        return await self._answer(request, self._gateway.list_by_condition)

    async def image(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET /mj/image/{id}`."""
        reply = self._gateway.image(request.match_info["id"])
        if isinstance(reply, Shot):
            reply = await self._developed(reply)
        return await _sent(request, reply, self._next_id())

    async def _developed(self, shot: Shot) -> Reply:
        data = await self._gallery.png(shot.task, preview=shot.preview)
        return Reply(200, data, "image/png", shot.ending)

    async def unrouted(self, request: web.Request) -> web.StreamResponse:
        """Answer any other path, as a gateway does that has a dashboard, P§2.19."""
        reply = wire.html(200, wire.DASHBOARD)
        if request.path.startswith(STRICT):
            text = f"Invalid URL ({request.method} {request.path})"
            error = {"message": text, "type": "invalid_request_error", "param": "", "code": ""}
            reply = Reply(404, wire.encode({"error": error}))
        return await _sent(request, reply, self._next_id())

    async def ledger(self, request: web.Request) -> web.StreamResponse:
        """Show the books to scripts in other processes; no server of the field has this."""
        body = wire.encode(self._gateway.ledger().as_json())
        return await _sent(request, Reply(200, body, wire.JSON), self._next_id())

    async def _answer(
        self, request: web.Request, answer: Callable[[Call], Reply]
    ) -> web.StreamResponse:
        request_id = self._next_id()
        try:
            reply = answer(await _call(request, request_id))
        except Refused as refused:
            reply = refused.reply
        return await _sent(request, reply, request_id)

    def _next_id(self) -> str:
        self._requests += 1
        return f"{self._requests:026d}"


async def _call(request: web.Request, request_id: str) -> Call:
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        # The server behind refuses without a word, and the gateway passes that on.
        raise Refused(Reply(413, b"", wire.SNIFFED)) from None
    return Call(
        request_id=request_id,
        headers=request.headers,
        origin=f"{request.scheme}://{request.host}",
        prefix=request.match_info.get("prefix", ""),
        raw=raw,
    )


async def _sent(request: web.Request, reply: Reply, request_id: str) -> web.StreamResponse:
    headers = {"Content-Type": reply.content_type, REQUEST_ID: request_id}
    if reply.ending is Ending.WHOLE:
        return web.Response(status=reply.status, body=reply.body, headers=headers)
    response = web.StreamResponse(status=reply.status, headers=headers)
    response.content_length = len(reply.body)
    if reply.ending is Ending.CUT:
        await response.prepare(request)
        await response.write(reply.body[: len(reply.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
