"""Bytes at given places of a picture, be it in memory or on disk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import BinaryIO

#: Looks into one picture: enough for the longest animation that is small enough in bytes, and for
#: nobody who made a file of nothing but tiny pieces to keep us busy.
MOST_PIECES = 2_000_000


class Flaw(Exception):
    """What is wrong with the picture at hand; its text completes "the PNG is ..."."""


class Reader(ABC):
    """Random access to a picture; reading past its end, or without end, is a `Flaw`."""

    def __init__(self, size: int) -> None:
        #: Bytes in all.
        self.size = size
        self._pieces = 0

    @abstractmethod
    def _read(self, offset: int, count: int) -> bytes: ...

    def need(self, end: int) -> None:
        """Insist on there being at least `end` bytes."""
        if end > self.size:
            raise Flaw(f"cut short: {self.size} bytes came, at least {end} belong to it")

    def at(self, offset: int, count: int) -> bytes:
        """Give `count` bytes from `offset` on, neither more nor fewer."""
        self._pieces += 1
        if self._pieces > MOST_PIECES:
            raise Flaw(f"damaged: it is in over {MOST_PIECES} pieces")
        self.need(offset + count)
        return self._read(offset, count)

    def head(self, count: int) -> bytes:
        """Give the first bytes, as many of `count` as there are."""
        return self._read(0, min(count, self.size))

    def tail(self, count: int, *, after: int) -> bytes:
        """Give the last bytes, at most `count`, and none from before `after`."""
        start = min(max(after, self.size - count), self.size)
        return self._read(start, self.size - start)


class InMemory(Reader):
    """A picture that is held in memory; nothing of it is copied as a whole."""

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._view = memoryview(data).cast("B")
        super().__init__(len(self._view))

    def _read(self, offset: int, count: int) -> bytes:
        return bytes(self._view[offset : offset + count])


class OnDisk(Reader):
    """A picture in an open file, read piece by piece."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        super().__init__(file.seek(0, 2))

    def _read(self, offset: int, count: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(count)
