"""`upload`: pictures to the server's own store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from mjflow.cli.bundles import Keeping, Sandbox, Server, Terms
from mjflow.cli.extras import read_extras
from mjflow.cli.possible import check_possible
from mjflow.cli.report import Report
from mjflow.cli.session import Session
from mjflow.client import Client
from mjflow.engine.roots import upload_of
from mjflow.errors import SubmissionInDoubt
from mjflow.media.inputs import images as loaded


@frozen(kw_only=True)
class Load:
    """What is to be uploaded."""

    #: As they were typed.
    images: Sequence[str]
    extra: Sequence[str] = ()
    #: Whether to send them although an earlier upload of them is in doubt.
    again: bool = False


async def upload(
    report: Report, load: Load, server: Server, keeping: Keeping, sandbox: Sandbox
) -> None:
    """
    Store pictures at the server, and print their links in the same order.

    Raises:
        InvalidInput: One cannot be used; nothing was sent.
    """
    pictures, fields = loaded(load.images, "picture to upload"), read_extras(load.extra)
    upload_of(pictures, fields)  # what the library refuses is refused before it is open
    session = Session(
        report, Terms(server=server), sandbox, seed=" ".join(load.images), keeping=keeping
    )
    async with session as client:
        check_possible(await client.dialect(), "upload")
        await session.pay(_upload(report, client, load, pictures, fields))


async def _upload(
    report: Report,
    client: Client,
    load: Load,
    pictures: Sequence[str],
    extra: Mapping[str, Any],
) -> None:
    try:
        links = await client.upload(*pictures, again=load.again, extra=extra)
    except SubmissionInDoubt as error:
        raise SubmissionInDoubt(
            error.message,
            token=error.token,
            advice=(
                "It was not sent again, lest its fee be paid twice. The same command with --again "
                "would send it."
            ),
        ) from error
    for name, link in zip(load.images, links, strict=False):
        report.tell("link", link, source=name, url=link)
