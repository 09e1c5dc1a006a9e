"""Finds out by a free question which kind of server this is, before anything else is asked."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

from mjflow.api import Api
from mjflow.engine.clock import Clock
from mjflow.errors import (
    MissingKey,
    MjflowError,
    NotAnApi,
    NotAuthorized,
    TransportError,
    Unreachable,
)
from mjflow.protocol.dialect import GATEWAY, Auth, Dialect
from mjflow.protocol.recognition import NOBODYS, recognised
from mjflow.protocol.requests import Fetch, path_of
from mjflow.timing.delays import backoff_delay

logger = logging.getLogger("mjflow.engine")

#: How the key travels while nobody knows what the server wants.  The first is understood by every
#: kind that the sources describe (P§1); a reseller may have cut it off, and takes another.  The one
#: that works is kept, whatever servers of the kind are used to.
_WAYS = (Auth.SECRET, Auth.BEARER, Auth.RAW)
#: Seconds for which a question that failed is not asked again: many acts may wait for it.
_REST = 5.0
#: Seconds for which the question is repeated while the server is in trouble.
PATIENCE = 20.0
_UNKNOWN = (
    "Nothing was sent: what kind of server it is could not be found out. Try again later, or say "
    "what it is (MJFLOW_DIALECT or dialect=)."
)

_QUESTION = path_of(Fetch(task_id=NOBODYS))


class Probe:
    """
    Knows the dialect of one server, or asks for it once, however many want to know.

    Args:
        dialect: What is known from the start; `None` to find it out.
        on_known: Called once, with the dialect and whether the server was recognised by it.
        keyless: Whether there is no key to refuse.
    """

    def __init__(
        self,
        api: Api,
        clock: Clock,
        dialect: Dialect | None,
        on_known: Callable[[Dialect, bool], None],
        *,
        keyless: bool = False,
    ) -> None:
        self._api = api
        self._clock = clock
        self._on_known = on_known
        self._keyless = keyless
        #: The server's dialect; `None` until it is known.
        self.dialect = dialect
        self._asking = asyncio.Lock()
        #: Why the last question failed, and until when that answer is good enough.
        self._failure: MjflowError | None = None
        self._failed_until = 0.0

    async def known(self) -> Dialect:
        """
        Return the dialect; the first call may cost a read or two.

        Raises:
            MissingKey, NotAuthorized: There is no key, or it is refused.
            NotAnApi, Unreachable: There is no such server.
            TransportError: It has been in trouble for too long.
        """
        if self.dialect is None:
            async with self._asking:
                await self._find_out()
        assert self.dialect is not None
        return self.dialect

    async def _find_out(self) -> None:
        if self.dialect is not None:
            return  # whoever held the lock before us has asked
        if self._failure is not None and self._clock.now() < self._failed_until:
            raise self._failure.with_traceback(None)
        try:
            found = await self._ask()
        except MjflowError as error:
            self._failure, self._failed_until = error, self._clock.now() + _REST
            raise
        dialect = found or GATEWAY
        if found is None:
            _warn()
            await self._api.transport.authenticate(dialect.auth)
        self.dialect = dialect
        self._on_known(dialect, found is not None)

    async def _ask(self) -> Dialect | None:
        """
        Ask until there is an answer; `None` when it is one that no kind of server gives.

        Trouble on the way tells nothing of the server, and nothing is submitted on a guess: a
        lost submit can be looked for at some kinds and not at others.
        """
        until, attempt = self._clock.now() + PATIENCE, 1
        while True:
            try:
                return await self._ask_in_all_ways()
            except (NotAnApi, Unreachable):
                raise
            except TransportError as error:
                pause = backoff_delay(attempt, random.random())
                if self._clock.now() + pause > until:
                    error.advice = _UNKNOWN
                    raise
            await self._clock.sleep(pause)
            attempt += 1

    async def _ask_in_all_ways(self) -> Dialect | None:
        refused: NotAuthorized | None = None
        for way in _WAYS:
            await self._api.transport.authenticate(way)
            try:
                return recognised(await self._api.transport.read("GET", _QUESTION))
            except NotAuthorized as error:
                refused = error
        assert refused is not None
        if self._keyless:
            raise MissingKey("the server wants an API key, and none was given")
        raise refused


def _warn() -> None:
    """Say that a server is taken for a gateway, as most are, and how to know better."""
    logger.warning(
        "the server does not let itself be recognised by its answers; it is taken for a gateway. "
        "MJFLOW_DIALECT or dialect= says what it is."
    )
