"""
Who works on a run: one process at a time, and another one when that is gone.

A lease is renewed every two seconds.  No clocks are compared: whoever finds a run held looks for a
while whether its beat goes on.  Should a holder that was taken over wake up again, the journal
refuses all that it still wants to submit.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import platform
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from pathlib import Path

from attrs import frozen

from mjflow.engine.threads import in_thread
from mjflow.errors import CannotWrite, RunHeld
from mjflow.journal.store import Lease, LeaseLost, Store, lease_of_run

logger = logging.getLogger("mjflow.flow")

#: Seconds between two renewals.
BEAT = 2.0
#: Seconds without one after which a holder counts as gone.
SILENCE = 10.0
#: Seconds between two looks at somebody else's lease.
GLANCE = 0.5

_OWNER = re.compile(r"process (\d+) on .* \(([0-9a-f]+)\) since .*")


class Right(Enum):
    """What somebody who wants a lease may do."""

    TAKE = "take"
    TAKE_OVER = "take over"
    WAIT = "wait"
    GIVE_UP = "give up"


@frozen
class Here:
    """This process and its machine, as far as they tell whether another process lives."""

    #: A name for the machine, since it was started, and for its space of process numbers.
    machine: str
    is_alive: Callable[[int], bool]

    def knows_gone(self, owner: str) -> bool:
        """Tell whether the holder was a process of this machine that is no more."""
        told = _OWNER.fullmatch(owner)
        return told is not None and told[2] == self.machine and not self.is_alive(int(told[1]))


class Watch:
    """Watches somebody else's lease, and says when it may be taken over; plain, and without I/O."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._first: Lease | None = None
        self._since = 0.0

    def right(self, lease: Lease | None, now: float) -> Right:
        """Say what may be done about a lease as it stands now, in seconds of any steady clock."""
        if lease is None:
            return Right.TAKE
        if self._first is None:
            self._first, self._since = lease, now
        if self._here.knows_gone(lease.owner):
            return Right.TAKE_OVER
        if (lease.epoch, lease.beat) != (self._first.epoch, self._first.beat):
            return Right.GIVE_UP
        return Right.TAKE_OVER if now - self._since >= SILENCE else Right.WAIT


class Holding:
    """
    One run's lease, from the moment it is ours until it is given back.

    Args:
        run: The run's name, for people.
    """

    def __init__(self, store: Store, namespace: str, run: str) -> None:
        self._store = store
        self._name = lease_of_run(namespace, run)
        self._run = run
        self._lease: Lease | None = None

    @property
    def lease(self) -> Lease:
        """The lease, while it is ours."""
        assert self._lease is not None
        return self._lease

    async def take(self) -> None:
        """
        Take the lease, when nobody holds it or its holder is gone.

        Raises:
            RunHeld: Somebody else is at work on the run.
            CannotWrite, JournalUnusable: The journal takes nothing.
        """
        watch, owner, now = Watch(await in_thread(_here)), await in_thread(_owner), _now
        while self._lease is None:
            found = await self._store.lease(self._name)
            match watch.right(found, now()):
                case Right.TAKE:
                    await self._try_to_take(owner)
                case Right.TAKE_OVER if found is not None:
                    logger.warning("taking the run %r over from %s", self._run, found.owner)
                    await self._try_to_take(owner, found)
                case Right.GIVE_UP if found is not None:
                    raise RunHeld(self._run, found.owner)
                case _:
                    await asyncio.sleep(GLANCE)

    async def _try_to_take(self, owner: str, over: Lease | None = None) -> None:
        """Take it, if nobody is faster; a cancellation is held back until that is known."""
        taking = asyncio.ensure_future(self._store.take(self._name, owner, over))
        try:
            self._lease = await asyncio.shield(taking)
        except asyncio.CancelledError:
            while not taking.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([taking])
            if taking.exception() is None:
                self._lease = taking.result()  # it is to be given back
            raise

    async def keep(self) -> RunHeld:
        """Renew the lease until somebody else has it; return who."""
        while True:
            await asyncio.sleep(BEAT)
            try:
                self._lease = await self._store.renew(self.lease)
            except LeaseLost:
                return await self.held()
            except CannotWrite as error:  # nothing can be submitted, by nobody
                logger.warning("the lease on the run %r was not renewed: %s", self._run, error)

    async def held(self) -> RunHeld:
        """Say who has the lease now."""
        found = await self._store.lease(self._name)
        return RunHeld(self._run, found.owner if found else "")

    async def release(self) -> None:
        """Give the lease back; harmless if it is not ours."""
        lease, self._lease = self._lease, None
        if lease is not None:
            with suppress(CannotWrite):
                await self._store.release(lease)


async def holder_of(store: Store, namespace: str, run: str) -> str:
    """Return who is at work on a run, as its lease tells; `""` for nobody, or a process gone."""
    found = await store.lease(lease_of_run(namespace, run))
    here = await in_thread(_here)
    return "" if found is None or here.knows_gone(found.owner) else found.owner


def _now() -> float:
    return asyncio.get_running_loop().time()


def _owner() -> str:
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"process {os.getpid()} on {platform.node()} ({_here().machine}) since {since}"


@lru_cache(maxsize=1)
def _here() -> Here:
    told = [platform.node()]
    with suppress(OSError):
        told.append(Path("/proc/sys/kernel/random/boot_id").read_text())
        told.append(str(Path("/proc/self/ns/pid").readlink()))
    return Here(hashlib.sha256("\n".join(told).encode()).hexdigest()[:8], _is_alive)


def _is_alive(process: int) -> bool:
    """Tell whether a process of this machine lives; where it cannot be told, it does."""
    if sys.platform == "win32":  # there signal 0 would be Ctrl-C
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
