"""What servers answer to uploads, and what journals that are full make of it."""

from __future__ import annotations

import pytest

from mjflow import (
    CannotWrite,
    Client,
    InvalidInput,
    NotAuthorized,
    RequestRefused,
    SubmissionInDoubt,
    Unreachable,
)
from mjflow.fsm.events import Event
from mjflow.protocol.verdicts import Outcome
from mjflow.simulator import Fault
from tests.client.worlds import world
from tests.media.pictures import JPEG, PNG
from tests.virtual import virtual_time

from ..scripted import (
    BASE,
    UNREACHABLE,
    Scripted,
    invalid,
    key_refused,
    no_channel,
    opened,
    web_page,
)
from .uploading import LINK, ROUTE, Full, server_of, stored

# --- no -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (invalid(), RequestRefused, "the server refuses the request"),
        (web_page(), RequestRefused, "this server does not offer 'upload'"),
        (key_refused(), NotAuthorized, "the key is refused"),
        (UNREACHABLE, Unreachable, "Connection refused"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
@virtual_time
async def test_a_no_costs_nothing_and_may_be_asked_again(
    answer: Outcome, kind: type[Exception], message: str
) -> None:
    """The next call sends a new request."""
    server = Scripted()
    server.always(ROUTE, answer)
    async with opened(server) as client:
        with pytest.raises(kind, match=message):
            await client.upload(PNG)
        assert client.statistics().spent.total == 0
    server.always(ROUTE, stored(LINK))
    async with opened(server) as client:
        assert await client.upload(PNG) == (LINK,)
        assert client.statistics().spent.total == 0.05


@virtual_time
async def test_a_journal_that_takes_nothing_lets_nothing_leave() -> None:
    """Better no upload than one that is paid for twice."""
    server = server_of(stored(LINK))
    async with opened(server, journal=Full(Event.SUCCEEDED, intents=False)) as client:
        with pytest.raises(CannotWrite):
            await client.upload(PNG)
    assert server.sent == []


@virtual_time
async def test_links_that_cannot_be_written_are_given_all_the_same() -> None:
    """They are paid."""
    server = server_of(stored(LINK))
    async with opened(server, journal=Full(Event.SUCCEEDED)) as client:
        assert await client.upload(PNG) == (LINK,)


@virtual_time
async def test_a_no_that_cannot_be_written_is_the_last_word() -> None:
    """The journal holds the attempt for open, so there can be no next one."""
    server = server_of(no_channel(), stored(LINK))
    async with opened(server, journal=Full(Event.REJECTED)) as client:
        with pytest.raises(CannotWrite):
            await client.upload(PNG)
    assert len(server.sent) == 1


@virtual_time
async def test_what_cannot_be_uploaded_is_refused_at_the_call() -> None:
    """Nothing, a link, or a field that is ours."""
    server = Scripted()
    async with opened(server) as client:
        for pictures, extra, message in (
            ((), None, "there is no picture to upload"),
            ((LINK,), None, "the picture to upload 1 is a link"),
            ((PNG,), {"base64Array": []}, "cannot replace .*base64Array"),
        ):
            with pytest.raises(InvalidInput, match=message):
                await client.upload(*pictures, extra=extra)
    assert server.sent == []


@virtual_time
async def test_a_client_that_is_not_open_uploads_nothing() -> None:
    """As of every other act."""
    with pytest.raises(InvalidInput, match="not open"):
        await Client(BASE, "sk-test", transport=Scripted()).upload(PNG)


# --- over sockets -------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["gateway", "gateway-2025-04", "trueai"])
@virtual_time
async def test_links_lead_to_the_pictures(profile: str) -> None:
    """A real server takes them, and both books agree on the fee."""
    async with world(simulator={"profile": profile}) as one:
        links = await one.client.upload(PNG, JPEG)
        assert [link.endswith("/upload.png") for link in links] == [True, True]
        task = await one.client.imagine(f"{links[0]} a cat")
        assert links[0] in task.prompt
        (upload, _) = one.simulator.ledger.submits
        assert (upload.act, upload.exists) == (ROUTE, True)
        assert one.client.statistics().spent.total == pytest.approx(0.15)


@virtual_time
async def test_a_server_without_uploads_is_not_asked() -> None:
    """A direct novicezk server has no such route (P§2.1)."""
    async with world(simulator={"profile": "novicezk"}) as one:
        with pytest.raises(RequestRefused, match="does not offer 'upload'"):
            await one.client.upload(PNG)
        assert one.simulator.ledger.submits == []


@pytest.mark.parametrize("fault", ["lost-reply", "cut-reply", "empty-200", "timeout-after-accept"])
@virtual_time
async def test_a_lost_reply_is_not_paid_twice(fault: str) -> None:
    """The fee was taken, and nobody but a person may have it taken again."""
    async with world(simulator={"faults": [Fault(fault, count=1)]}) as one:
        for _ in range(3):
            with pytest.raises(SubmissionInDoubt):
                await one.client.upload(PNG)
        assert len(one.simulator.ledger.submits) == 1
        assert await one.client.upload(PNG, again=True)
        assert len(one.simulator.ledger.submits) == 2
