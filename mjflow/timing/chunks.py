"""How many tasks are looked at with one request: found out by use, as arithmetic."""

from __future__ import annotations

from math import inf

from attrs import define, field

# No server sets a limit of its own, and gateways themselves ask for everything at once (P§2.16);
# beyond a hundred a request saves next to nothing more.
_MOST = 100
# Answers that there is no such route until it is believed: one may have been a proxy's mistake.
_NOES = 2
# Seconds for which that is believed; a server may be exchanged for a newer one.
_FORGOTTEN_AFTER = 600.0


@define
class Chunks:
    """
    The size of bulk looks at one server.

    A chunk that fails as a whole is halved, down to single looks, because something in it may be
    too much for the server; every one that works lets the next be twice as large.  A server that
    says twice that it has no bulk looks gets single ones for ten minutes, and so does one whose
    bulk looks fail, or leave tasks out, where single ones work.
    """

    #: The size that is never exceeded; 1 for a server that is known to have no bulk looks.
    most: int = _MOST
    _size: int = field(init=False, repr=False)
    _noes: int = field(default=0, init=False, repr=False)
    _off_until: float = field(default=-inf, init=False, repr=False)
    #: Whether a single look has worked since the smallest chunk failed.
    _alone_works: bool = field(default=False, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._size = self.most

    def size(self, now: float) -> int:
        """Say how many tasks to look at with the next request; 1 stands for a single look."""
        return 1 if now < self._off_until else self._size

    def worked(self) -> None:
        """Learn that a chunk was answered: the next may be larger again."""
        self._noes = 0
        self._size = min(self.most, self._size * 2)

    def worked_alone(self) -> None:
        """Learn that a single look was answered: what was too much may be tried again."""
        if self._size == 1:
            self._alone_works = True
            self._size = min(self.most, 2)

    def failed(self, size: int, now: float) -> None:
        """Learn that a chunk of this size was not answered as it should be."""
        self._size = min(self._size, max(1, size // 2))
        if self._size == 1 and self._alone_works:
            self._alone_works = False
            self.unknown(now)

    def unknown(self, now: float) -> None:
        """Learn that the server says it has no bulk looks, or that what they say is not true."""
        self._noes += 1
        if self._noes >= _NOES:
            self._noes = 0
            self._off_until = now + _FORGOTTEN_AFTER
