"""
Pictures stored at the server: a fee and links, but no task that could be looked for (P§2.12).

House rules:

1. The same content is uploaded once: the journal knows it by its hash, in this life and the next.
2. The intent is in the journal before the first byte leaves, and the answer before anybody hears
   of it; a request is sent again only after a definite no.
3. Doubt is told to the caller and stays in the journal.  Nobody can settle it by looking, so only
   the caller's word (`again`) sends the same content once more.
4. The request runs in a task that the engine owns: no caller's cancellation tears it, and callers
   with the same content share it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from attrs import define, field

from mjflow.api import Api
from mjflow.engine.act import ADMISSION_TIMEOUT
from mjflow.engine.admission import Admission
from mjflow.engine.clock import Clock
from mjflow.engine.crew import Crew
from mjflow.engine.pasts import on_its_way
from mjflow.engine.patience import Patience
from mjflow.engine.receipts import data_of, links_of, reason_of, runs_out, upload_in_doubt
from mjflow.engine.spend import Spend
from mjflow.errors import CannotWrite, ClientClosed, SubmissionInDoubt
from mjflow.fsm.events import Event
from mjflow.journal.store import Attempt, AttemptExists, Intent, Note, Store, is_over
from mjflow.protocol import codec
from mjflow.protocol.refusals import refusal
from mjflow.protocol.requests import Upload
from mjflow.protocol.token import TOKEN_BYTES, new_token
from mjflow.protocol.verdicts import Doubt, Refused, Rejected, Stored, UploadVerdict

logger = logging.getLogger("mjflow.engine")

#: How the journal's keys of uploads begin; a hash of the content follows.
UPLOADS = "upload/"

#: Seconds between two looks into the journal for an answer that another client waits for.
_STEP = 1.0

_EVENTS: dict[type[UploadVerdict], Event] = {
    Stored: Event.SUCCEEDED,
    Rejected: Event.REJECTED,
    Refused: Event.REFUSED,
    Doubt: Event.UNANSWERED,
}


@define(eq=False)
class _Upload:
    """One content on its way, however many callers wait for its links."""

    key: str
    request: Upload = field(repr=False)
    #: Whether a caller takes the risk of paying twice.
    again: bool = False
    #: The attempt on the wire; `""` when there is none.
    token: str = ""
    links: tuple[str, ...] = ()
    errand: asyncio.Task[None] | None = None


class Uploads:
    """Sends uploads, each content once."""

    def __init__(
        self,
        api: Api,
        store: Store,
        namespace: str,
        admission: Admission,
        spend: Spend,
        clock: Clock,
        crew: Crew,
        *,
        known: Callable[[], bool],
    ) -> None:
        self._api = api
        self._store = store
        self._namespace = namespace
        self._admission = admission
        self._spend = spend
        self._clock = clock
        self._crew = crew
        #: Tells whether this server has ever given an answer of this API.
        self._known = known
        self._running: dict[str, _Upload] = {}
        #: Set when the client closes: what is not on the wire by then never will be.
        self.closing = False

    async def links(self, request: Upload, *, again: bool = False) -> tuple[str, ...]:
        """
        Return the links of pictures, uploaded now or earlier.

        Args:
            again: Send them once more although an earlier upload of them is in doubt.

        Raises:
            NotSubmitted: A definite no; nothing was paid.
            NotAuthorized, Unreachable: The key is refused, or there is no connection.
            SubmissionInDoubt: It was sent, now or earlier, and may be paid.
            CannotWrite: The journal takes nothing, so nothing was sent.
        """
        self._api.dialect.check_act(request.route.act)
        key = UPLOADS + codec.digest(request)
        upload = self._running.get(key) or self._begin(_Upload(key, request))
        upload.again |= again
        assert upload.errand is not None
        await asyncio.wait([upload.errand])
        if upload.errand.cancelled():
            raise _interrupted(upload)
        if error := upload.errand.exception():
            raise error.with_traceback(None)
        return upload.links

    def _begin(self, upload: _Upload) -> _Upload:
        upload.errand = self._crew.pay(self._carry(upload), lambda: bool(upload.token))
        self._running[upload.key] = upload
        return upload

    async def _carry(self, upload: _Upload) -> None:
        try:
            upload.links = await self._stored(upload)
        finally:
            del self._running[upload.key]

    async def _stored(self, upload: _Upload) -> tuple[str, ...]:
        patience = Patience(ADMISSION_TIMEOUT)
        while True:
            key, attempts = await self._past(upload.key)
            if links := links_of(attempts):
                return links
            await self._settle_doubt(upload, attempts)
            try:
                verdict = await self._attempt(upload, key, len(attempts) + 1)
            except AttemptExists:
                continue  # another client was quicker, and its answer will be ours
            match verdict:
                case Stored():
                    return verdict.links
                case Rejected():
                    await self._back_off(verdict, patience)
                case Refused():
                    raise refusal(verdict, act=upload.request.route.act)
                case Doubt():
                    raise upload_in_doubt(upload.request, upload.token, verdict.reason)

    # --- what the journal knows -----------------------------------------------------------

    async def _past(self, content: str) -> tuple[str, Sequence[Attempt]]:
        """Find the key under which the content is to be had: a new one when links run out."""
        key, turn = content, 1
        while any(map(runs_out, links_of(attempts := await self._attempts(key)))):
            turn += 1
            key = f"{content}/{turn}"
        return key, attempts

    async def _attempts(self, key: str) -> Sequence[Attempt]:
        """Read what is known of a key, and wait for an answer that may be on its way elsewhere."""
        attempts = await self._store.attempts(self._namespace, key)
        until = self._clock.now() + on_its_way(attempts, datetime.now(UTC))
        while on_its_way(attempts, datetime.now(UTC)) and self._clock.now() < until:
            await self._clock.sleep(_STEP)
            attempts = await self._store.attempts(self._namespace, key)
        return attempts

    async def _settle_doubt(self, upload: _Upload, attempts: Sequence[Attempt]) -> None:
        """Let an attempt in doubt stop its content, unless the caller takes the risk."""
        if not attempts or is_over(attempts[-1]):
            return
        token = attempts[-1].intent.token
        if not upload.again:
            raise upload_in_doubt(upload.request, token, reason_of(attempts[-1]))
        upload.again = False
        await self._note(token, Event.FORCED)

    # --- one attempt ----------------------------------------------------------------------

    async def _attempt(self, upload: _Upload, key: str, number: int) -> UploadVerdict:
        """Write the intent, send, write the answer."""
        async with self._admission.on_the_wire() as foretold:
            self._check_open()
            if foretold is not None:
                return foretold
            await self._intend(upload, key, number)
            verdict = await self._api.upload(upload.request)
            await self._settle(upload, verdict)
        return verdict

    async def _intend(self, upload: _Upload, key: str, number: int) -> None:
        upload.token = new_token(os.urandom(TOKEN_BYTES))
        intent = Intent(
            namespace=self._namespace,
            key=key,
            attempt=number,
            token=upload.token,
            digest=upload.key.removeprefix(UPLOADS),
            payload=b"",  # the pictures are the caller's: who wants them sent again gives them
            written_at=datetime.now(UTC),
        )
        try:
            await self._store.intend(intent)
        except BaseException:
            upload.token = ""  # whatever prevented it, not a byte has left
            raise

    async def _settle(self, upload: _Upload, verdict: UploadVerdict) -> None:
        """Write a verdict; what the server said counts whether it can be written or not."""
        try:
            await self._note(upload.token, _EVENTS[type(verdict)], data_of(verdict))
        except CannotWrite as error:
            logger.error("the journal does not take this (%s): %.2000s", error.message, verdict)
            if isinstance(verdict, Rejected):
                raise  # the journal holds this attempt for open: there can be no next one
        finally:
            self._spend.uploaded(verdict)
            if isinstance(verdict, Stored):
                self._admission.worked(submit=True)
            elif isinstance(verdict, Rejected):
                self._admission.rejected(verdict)
        if not isinstance(verdict, Doubt):
            upload.token = ""

    async def _note(self, token: str, event: Event, data: dict[str, Any] | None = None) -> None:
        payload = msgspec.json.encode(data) if data else b""
        note = Note(event=event, payload=payload, written_at=datetime.now(UTC))
        await self._store.note(token, note)

    async def _back_off(self, verdict: Rejected, patience: Patience) -> None:
        """Wait before the next try, or raise the error of a rejection that lasts too long."""
        self._check_open()
        if verdict.breaks:
            return  # the gate to the wire stays shut until it is mended, or given up
        delay = patience.next_try(
            verdict, self._clock.now(), random.random(), known_server=self._known()
        )
        if delay is None:
            raise refusal(verdict)
        await self._clock.sleep(delay)

    def _check_open(self) -> None:
        if self.closing:
            raise ClientClosed("the client was closed before the upload was sent")


def _interrupted(upload: _Upload) -> ClientClosed | SubmissionInDoubt:
    """Return the error of an upload that closing has torn, or spared the wire."""
    if upload.token:
        return upload_in_doubt(upload.request, upload.token, "interrupted")
    return ClientClosed("the client was closed before the upload was sent")
