"""The client of one command, with the simulator and the journal that it works with."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack
from typing import Any

from mjflow import config
from mjflow.cli import sandbox as sandboxes
from mjflow.cli.bundles import Keeping, Sandbox, Terms
from mjflow.cli.checks import check_deadline
from mjflow.cli.journal.place import journal_of
from mjflow.cli.report import Report
from mjflow.client import Client
from mjflow.observers import Observer


class Opening:
    """
    Opens a client, says its warnings in the command's own voice, and closes it.

    Args:
        keeping: Where it is remembered what was sent; `None` for commands that send nothing paid.
        seed: The same text gives the same ids and pictures, in a simulator.
        observer: Is told of everything that happens.
        options: What else the client is to be given.
    """

    def __init__(
        self,
        report: Report,
        terms: Terms,
        sandbox: Sandbox,
        keeping: Keeping | None,
        *,
        seed: str = "",
        observer: Observer | None = None,
        **options: Any,
    ) -> None:
        self._report = report
        self._terms = terms
        self._sandbox = sandbox
        self._keeping = keeping
        self._seed = seed
        self._observers = [observer] if observer else []
        self._options = options
        self._stack = AsyncExitStack()
        self._closing = False

    async def open(self) -> Client:
        """
        Start the simulator, if there is one, and the client.

        Raises:
            InvalidInput: Options do not go together, or a value cannot be.
            CannotWrite, JournalUnusable: There is no working journal; nothing was sent.
        """
        check_deadline(self._terms.deadline)
        sandboxes.check_sandbox(self._sandbox, self._terms.server.base_url)
        self._hear_warnings()
        try:
            return await self._stack.enter_async_context(await self._client())
        except BaseException:
            await self._stack.aclose()
            raise

    async def aclose(self) -> None:
        """Wait for what is on the wire, and close all."""
        self._closing = True
        await self._stack.aclose()

    async def _client(self) -> Client:
        options: dict[str, Any] = {
            "mode": self._terms.mode,
            "journal": await journal_of(self._keeping, self._sandbox),
            "observers": self._observers,
            **self._options,
        }
        if self._terms.deadline is not None:
            options["deadline"] = self._terms.deadline
        server = self._terms.server
        if self._sandbox.simulate is False:
            return Client(server.base_url, dialect=server.dialect, **options)
        simulator = await self._stack.enter_async_context(
            sandboxes.opened(self._sandbox, self._seed)
        )
        dialect: str = server.dialect
        if dialect == config.AUTO != config.load(base_url=simulator.base_url).dialect:
            # What the environment says of a server is not said of this one.
            dialect = simulator.profile.family
        return Client(
            simulator.base_url, "simulated", dialect=dialect, speed=simulator.speed, **options
        )

    def _hear_warnings(self) -> None:
        """Say the library's warnings, unless they are logged."""
        logger = logging.getLogger("mjflow")
        if not logger.hasHandlers():
            handler = _Voice(self._report)
            # On closing, the last words say it better.
            handler.addFilter(lambda record: not self._closing or record.levelno > logging.WARNING)
            logger.addHandler(handler)
            self._stack.callback(logger.removeHandler, handler)


class _Voice(logging.Handler):
    """Says log records as warnings of the command."""

    def __init__(self, report: Report) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        self._report.warn(record.getMessage())
