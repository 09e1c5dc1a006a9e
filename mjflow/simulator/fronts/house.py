"""The parts a server is put together from."""

from __future__ import annotations

from collections.abc import Collection

from attrs import frozen

from mjflow.simulator.account import Account
from mjflow.simulator.books import Books
from mjflow.simulator.clock import Clock
from mjflow.simulator.faults import Faults
from mjflow.simulator.keys import Keys
from mjflow.simulator.making import Maker
from mjflow.simulator.profiles import Profile
from mjflow.simulator.upstream import Upstream
from mjflow.simulator.voices import Voice, voice_of


@frozen(kw_only=True)
class House:
    """All parts of one server."""

    profile: Profile
    clock: Clock
    faults: Faults
    voice: Voice
    keys: Keys
    upstream: Upstream
    books: Books


@frozen(kw_only=True)
class Settings:
    """What a server is told beside its kind, its time and its faults."""

    seed: int
    keys: Collection[str] | None
    admins: Collection[str]
    core_size: int
    queue_size: int
    remix: bool
    balance: float | None


def build(profile: Profile, clock: Clock, faults: Faults, settings: Settings) -> House:
    """Put the parts of a server together."""
    voice = voice_of(profile.family, clock)
    account = Account(settings.core_size, settings.queue_size)
    maker = Maker(settings.seed, profile, clock, faults)
    upstream = Upstream(profile, account, clock, faults, maker)
    upstream.remix = settings.remix
    return House(
        profile=profile,
        clock=clock,
        faults=faults,
        voice=voice,
        keys=Keys(settings.keys, settings.admins, profile, voice, faults),
        upstream=upstream,
        books=Books(settings.balance),
    )
