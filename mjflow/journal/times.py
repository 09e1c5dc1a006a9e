"""Instants as a journal's file holds them: texts that sort as the instants do."""

from __future__ import annotations

from datetime import UTC, datetime


def written(at: datetime) -> str:
    """Write an aware instant."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def read(text: str) -> datetime:
    """Read an instant back, in UTC."""
    return datetime.fromisoformat(text)
