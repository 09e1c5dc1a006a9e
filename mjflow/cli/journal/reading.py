"""A journal opened for those who only read it, without any server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mjflow import config
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import Attempt


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqliteStore]:
    """
    Open a journal, and close it at the end.

    Raises:
        CannotWrite, JournalUnusable: It cannot be read.
    """
    store = SqliteStore(path)
    await store.start()
    try:
        yield store
    finally:
        await store.aclose()


def configured(base_url: str | None) -> str:
    """Return the base URL that commands talk to; no key is needed for that."""
    return config.load(base_url=base_url, api_key="none").base_url


async def namespaces(store: SqliteStore, base_url: str | None) -> list[str]:
    """List the servers that the journal is asked about: the one in use, and those of runs."""
    if base_url is not None:
        return [configured(base_url)]
    used = [header.namespace for header in await store.runs()]
    return list(dict.fromkeys([configured(None), *used]))


async def open_attempts(store: SqliteStore, base_url: str | None) -> list[Attempt]:
    """Return the attempts of which something is still to come, at all of these servers."""
    asked = await namespaces(store, base_url)
    return [attempt for namespace in asked for attempt in await store.open(namespace)]
