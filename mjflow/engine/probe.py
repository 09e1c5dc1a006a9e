"""Finds out by a free question which kind of server this is, before anything else is asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from mjflow.api import Api
from mjflow.engine.clock import Clock
from mjflow.errors import MjflowError, NoReply, NotAnApi, NotAuthorized, ReplyUnreadable
from mjflow.protocol.dialect import GATEWAY, Auth, Dialect
from mjflow.protocol.recognition import NOBODYS, recognised
from mjflow.protocol.requests import Fetch, path_of

logger = logging.getLogger("mjflow.engine")

#: How the key travels while nobody knows what the server wants.  The first is understood by every
#: kind that the sources describe (P§1); a reseller may have cut it off, and then takes the second.
_WAYS = (Auth.SECRET, Auth.BEARER)
#: Seconds for which a question that failed is not asked again: many acts may wait for it.
_REST = 5.0

_QUESTION = path_of(Fetch(task_id=NOBODYS))


class Probe:
    """
    Knows the dialect of one server, or asks for it once, however many want to know.

    Args:
        dialect: What is known from the start; `None` to find it out.
        on_known: Called once, with the dialect and whether the server was recognised by it.
    """

    def __init__(
        self,
        api: Api,
        clock: Clock,
        dialect: Dialect | None,
        on_known: Callable[[Dialect, bool], None],
    ) -> None:
        self._api = api
        self._clock = clock
        self._on_known = on_known
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
            NotAuthorized: The key is refused.
            NotAnApi, Unreachable: There is no such server.
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
        await self._api.transport.authenticate(dialect.auth)
        self.dialect = dialect
        self._on_known(dialect, found is not None)

    async def _ask(self) -> Dialect | None:
        """Ask; `None` when a server is there that does not let itself be recognised."""
        refused: NotAuthorized | None = None
        for way in _WAYS:
            await self._api.transport.authenticate(way)
            try:
                found = recognised(await self._api.transport.read("GET", _QUESTION))
            except NotAuthorized as error:
                refused = error
            except NotAnApi:
                raise
            except (NoReply, ReplyUnreadable) as error:
                _warn(error.message)
                return None
            else:
                if found is None:
                    _warn("its answer is not one of theirs")
                return found
        assert refused is not None
        raise refused


def _warn(why: str) -> None:
    """Say that a server is taken for a gateway, as most are, and how to know better."""
    logger.warning(
        "the server does not let itself be recognised (%s); it is taken for a gateway. "
        "MJFLOW_DIALECT or dialect= says what it is.",
        why,
    )
