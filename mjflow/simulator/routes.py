"""HTTP in front of a server: paths in, answers out, whole or broken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from mjflow.simulator import wire
from mjflow.simulator.acts import ACTS, Act
from mjflow.simulator.calls import Call, Shot
from mjflow.simulator.clock import Clock
from mjflow.simulator.fronts.base import Front
from mjflow.simulator.pictures import Gallery
from mjflow.simulator.profiles import Profile
from mjflow.simulator.uploads import Material
from mjflow.simulator.voices import Voice
from mjflow.simulator.wire import Ending, Refused, Reply

# The gateway's own header, P§1; the id is also in every error of shape A.
REQUEST_ID = "X-Oneapi-Request-Id"

#: Every look by its name, with its method and its path below `/mj`.
LOOKS = {
    "fetch": ("GET", "task/{id}/fetch"),
    "list-by-condition": ("POST", "task/list-by-condition"),
    "list-by-ids": ("POST", "task/list-by-ids"),
    "list": ("GET", "task/list"),
    "queue": ("GET", "task/queue"),
    "image-seed": ("GET", "task/{id}/image-seed"),
    "cancel": ("POST", "task/{id}/cancel"),
}

Answering = Callable[[Call], Reply]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Routes:
    """The handlers of one server; they hold nothing but a count of the requests."""

    def __init__(
        self, front: Front, gallery: Gallery, profile: Profile, voice: Voice, clock: Clock
    ) -> None:
        self._front = front
        self._gallery = gallery
        self._profile = profile
        self._voice = voice
        self._clock = clock
        self._requests = 0
        #: Set when the server goes away: whoever waits for a slow answer is let go.
        self.closing = asyncio.Event()

    def application(self) -> web.Application:
        """Build the application; one is good for one start of the server."""
        self.closing = asyncio.Event()
        app = web.Application(client_max_size=self._profile.body_limit)
        router = app.router
        router.add_get("/_simulator/ledger", self.ledger)
        router.add_get("/attachments/{name}/{file}", self.attachment, allow_head=False)
        for prefix in self._prefixes():
            for name in self._profile.submits:
                router.add_post(prefix + ACTS[name].path, self._submitting(ACTS[name]))
            self._add_reads(router, prefix)
        router.add_route("*", "/{path:.*}", self.unrouted)
        return app

    def _prefixes(self) -> list[str]:
        """Give what a path may begin with, P§1."""
        if self._profile.any_prefix:
            return ["/mj", "/{prefix}/mj"]
        known = "|".join(self._profile.prefixes)
        return ["/mj", f"/{{prefix:{known}}}/mj"] if known else ["/mj"]

    def _add_reads(self, router: web.UrlDispatcher, prefix: str) -> None:
        if "image" in self._profile.reads:
            router.add_get(f"{prefix}/image/{{id}}", self.image, allow_head=False)
        for name, answer in self._front.looks().items():
            if name in self._profile.reads:
                method, path = LOOKS[name]
                router.add_route(method, f"{prefix}/{path}", self._looking(answer))

    # --- handlers --------------------------------------------------------------------------

    def _submitting(self, act: Act) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._answer(request, lambda call: self._front.submit(call, act))

        return handle

    def _looking(self, answer: Callable[[Call, str], Reply]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            task_id = request.match_info.get("id", "")
            return await self._answer(request, lambda call: answer(call, task_id))

        return handle

    async def image(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET /mj/image/{id}`."""
        return await self._shown(request, self._front.image(request.match_info["id"]))

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        """Answer a link to where Midjourney keeps its pictures."""
        name, file = request.match_info["name"], request.match_info["file"]
        expires = request.query.get("ex", "")
        return await self._shown(request, self._front.attachment(name, file, expires))

    async def _shown(
        self, request: web.Request, found: Reply | Shot | Material
    ) -> web.StreamResponse:
        if isinstance(found, Shot):
            file = await self._gallery.file(found.task, preview=found.preview, clip=found.clip)
            found = Reply(200, file.data, file.type, found.ending, found.delay)
        elif isinstance(found, Material):
            found = Reply(200, found.data, found.type)
        return await self._sent(request, found, self._next_id())

    async def unrouted(self, request: web.Request) -> web.StreamResponse:
        """Answer any other path, P§2.19."""
        reply = self._voice.unrouted(request.method, request.path)
        return await self._sent(request, reply, self._next_id())

    async def ledger(self, request: web.Request) -> web.StreamResponse:
        """Show the books to scripts in other processes; no server of the field has this."""
        body = wire.encode(self._front.ledger().as_json())
        return await self._sent(request, Reply(200, body, wire.JSON), self._next_id())

    async def _answer(self, request: web.Request, answer: Answering) -> web.StreamResponse:
        request_id = self._next_id()
        try:
            reply = answer(await self._call(request, request_id))
        except Refused as refused:
            reply = refused.reply
        return await self._sent(request, reply, request_id)

    def _next_id(self) -> str:
        self._requests += 1
        return f"{self._requests:026d}"

    async def _call(self, request: web.Request, request_id: str) -> Call:
        try:
            raw = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise Refused(self._voice.too_large()) from None
        return Call(
            request_id=request_id,
            headers=request.headers,
            origin=f"{request.scheme}://{request.host}",
            prefix=request.match_info.get("prefix", ""),
            raw=raw,
        )

    async def _sent(
        self, request: web.Request, reply: Reply, request_id: str
    ) -> web.StreamResponse:
        if reply.delay:
            await self._rest(reply.delay)
        headers = {"Content-Type": reply.content_type}
        if self._profile.gateway:
            headers[REQUEST_ID] = request_id
        if reply.ending is Ending.WHOLE:
            return web.Response(status=reply.status, body=reply.body or None, headers=headers)
        return await _broken(request, reply, headers)

    async def _rest(self, seconds: float) -> None:
        """Let virtual seconds pass, unless the server goes away."""
        closing = asyncio.ensure_future(self.closing.wait())
        await asyncio.wait([closing], timeout=seconds / self._clock.speed)
        closing.cancel()


async def _broken(
    request: web.Request, reply: Reply, headers: dict[str, str]
) -> web.StreamResponse:
    """Break the connection: before the first byte, or in the middle of the body."""
    response = web.StreamResponse(status=reply.status, headers=headers)
    response.content_length = len(reply.body)
    if reply.ending is Ending.CUT:
        await response.prepare(request)
        await response.write(reply.body[: len(reply.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
