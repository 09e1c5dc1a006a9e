"""`export` and `prune`: a journal as a whole."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import asdict

from mjflow.cli import fields
from mjflow.cli.journal.place import DEFAULT, existing
from mjflow.cli.journal.reading import opened
from mjflow.cli.report import Report
from mjflow.cli.words import moment, number
from mjflow.errors import InvalidInput
from mjflow.journal.store import prefix_of_run
from mjflow.media.store import replace_file


async def export(report: Report, journal: Path | None, run: str | None, out: Path | None) -> None:
    """
    Write all that a journal knows as JSON, an object to a line.

    Raises:
        InvalidInput: There is no journal.
        CannotWrite: The file cannot be written.
    """
    async with opened(_there(journal)) as store:
        count, lines = 0, list[str]()
        async for row in store.export():
            if run is not None and not _is_of(run, row):
                continue
            count += 1
            line = fields.line(row)
            if out is None:
                report.data(line)
            else:
                lines.append(line)
    if out is not None:
        text = "".join(f"{line}\n" for line in lines)
        await asyncio.to_thread(replace_file, out, text.encode())
    report.say(f"{number(count, 'line')} exported")


def _is_of(run: str, row: dict[str, Any]) -> bool:
    return row.get("name") == run or str(row.get("key", "")).startswith(prefix_of_run(run))


async def prune(report: Report, journal: Path | None, before: str, *, dry_run: bool) -> None:
    """
    Let a journal forget what ended long ago.

    Raises:
        InvalidInput: The time cannot be read, or there is no journal.
    """
    limit = instant(before, datetime.now(UTC))
    async with opened(_there(journal)) as store:
        pruned = await store.prune(limit, dry_run=dry_run)
    counts = asdict(pruned)
    said = ", ".join(number(count, noun.removesuffix("s")) for noun, count in counts.items())
    word = "would be forgotten" if dry_run else "forgotten"
    report.tell("pruned", f"{word}: {said}", before=limit.isoformat(), dry_run=dry_run, **counts)
    report.say(f"That is what ended before {moment(limit)}; no picture is touched.")


def instant(text: str, now: datetime) -> datetime:
    """
    Read a number of days, or a date, as an instant.

    Raises:
        InvalidInput: It is neither.
    """
    try:
        return now - timedelta(days=float(text.strip().removesuffix("d")))
    except (ValueError, OverflowError):
        pass
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except ValueError as error:
        raise InvalidInput(
            f"--before {text!r} is no time",
            advice="Give a number of days, such as 30, or a date, such as 2026-08-31.",
        ) from error


def _there(journal: Path | None) -> Path:
    path = existing(journal)
    if path is None:
        raise InvalidInput(f"there is no journal here ({DEFAULT})")
    return path
