"""The breaker."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mjflow.timing.breaker import Breaker


def used() -> Breaker[str]:
    """Build a breaker of a key that has worked before."""
    breaker = Breaker[str]()
    breaker.worked()
    return breaker


def test_a_fresh_breaker_is_closed() -> None:
    """Without news everything is allowed, and nothing is to be probed."""
    breaker = Breaker[str]()

    assert breaker.allows()
    assert not breaker.probe_due(1e9)
    assert not breaker.expired(1e9)


def test_a_refusal_opens_it_and_is_remembered() -> None:
    """An open breaker holds submits back and says why and since when."""
    breaker = used()
    breaker.trip(10.0, "key refused")

    assert not breaker.allows()
    assert (breaker.reason, breaker.opened_at) == ("key refused", 10.0)


def test_one_probe_a_minute() -> None:
    """The first probe is due a minute after the trip, the next a minute after that probe."""
    breaker = used()
    breaker.trip(0.0, "key refused")
    assert [breaker.probe_due(59.0), breaker.probe_due(60.0)] == [False, True]

    breaker.probed(61.0)
    assert [breaker.probe_due(120.0), breaker.probe_due(121.0)] == [False, True]


def test_something_that_works_closes_it() -> None:
    """A success after a refused look closes the breaker and forgets the reason."""
    breaker = used()
    breaker.trip(0.0, "key refused")
    breaker.worked()

    assert breaker.allows()
    assert (breaker.reason, breaker.opened_at) == (None, None)


def test_looks_that_work_do_not_disprove_an_empty_balance() -> None:
    """After a refused submit only an accepted submit closes it."""
    breaker = used()
    breaker.trip(0.0, "quota exceeded", submit=True)
    breaker.worked()
    assert not breaker.allows()

    breaker.worked(submit=True)
    assert breaker.allows()


def test_a_refused_look_does_not_soften_a_refused_submit() -> None:
    """Whatever else is refused meanwhile, an accepted submit is needed still."""
    breaker = used()
    breaker.trip(0.0, "quota exceeded", submit=True)
    breaker.trip(1.0, "key refused")
    breaker.worked()

    assert not breaker.allows()


def test_the_next_trip_starts_afresh() -> None:
    """A submit's refusal, once disproved, does not burden a look's refusal later."""
    breaker = used()
    breaker.trip(0.0, "quota exceeded", submit=True)
    breaker.worked(submit=True)
    breaker.trip(100.0, "key refused")
    breaker.worked()

    assert breaker.allows()


def test_ten_minutes_are_borne() -> None:
    """Refusals in between update the reason and do not set the clock back."""
    breaker = used()
    breaker.trip(0.0, "key refused")
    breaker.trip(540.0, "blocked")

    assert (breaker.reason, breaker.opened_at) == ("blocked", 0.0)
    assert [breaker.expired(599.9), breaker.expired(600.0)] == [False, True]


def test_a_key_that_never_worked_is_given_up_at_once() -> None:
    """A wrong key is told at once, not after ten minutes."""
    breaker = Breaker[str]()
    breaker.trip(0.0, "key refused")

    assert breaker.expired(0.0)


def test_a_look_that_worked_is_enough_for_patience() -> None:
    """A key with which looks work, though submits don't, is borne with."""
    breaker = used()
    breaker.trip(0.0, "quota exceeded", submit=True)

    assert not breaker.expired(1.0)


def test_refusals_within_its_tolerance_do_not_open_it() -> None:
    """It takes that many in a row; what disproves them begins a new row."""
    breaker = Breaker[str](tolerance=3)
    for _ in range(2):
        breaker.trip(0.0, "away", submit=True)
    breaker.worked(submit=True)
    for now in (1.0, 2.0):
        breaker.trip(now, "away", submit=True)
    assert (breaker.allows(), breaker.reason) == (True, None)

    breaker.worked()  # a look proves nothing
    breaker.trip(3.0, "away", submit=True)
    assert (breaker.allows(), breaker.reason, breaker.opened_at) == (False, "away", 3.0)


class AnyOrder(RuleBasedStateMachine):
    """News in any order, beside the two plain rules."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker[str]()
        self.now = 0.0
        self.refused: set[bool] = set()
        self.opened_at: float | None = None
        self.worked_once = False
        self.probes: list[float] = []

    @rule(seconds=st.floats(0.0, 300.0))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    @rule(submit=st.booleans())
    def trip(self, submit: bool) -> None:
        """Refuse something."""
        if not self.refused:
            self.opened_at, self.probes = self.now, [self.now]
        self.refused.add(submit)
        self.breaker.trip(self.now, "no", submit=submit)

    @rule(submit=st.booleans())
    def work(self, submit: bool) -> None:
        """Let something work."""
        self.worked_once = True
        if submit or True not in self.refused:
            self.refused, self.opened_at = set(), None
        self.breaker.worked(submit=submit)

    @rule()
    def probe(self) -> None:
        """Send a probe when one is due."""
        if self.breaker.probe_due(self.now):
            self.probes.append(self.now)
            self.breaker.probed(self.now)

    @invariant()
    def agrees(self) -> None:
        """It is open exactly while something is refused, and expires by the rule."""
        assert self.breaker.allows() == (not self.refused)
        assert self.breaker.opened_at == self.opened_at
        spent = self.opened_at is not None and self.now >= self.opened_at + 600.0
        assert self.breaker.expired(self.now) == (
            bool(self.refused) and (spent or not self.worked_once)
        )

    @invariant()
    def probes_are_a_minute_apart(self) -> None:
        """However often it is asked."""
        pairs = zip(self.probes, self.probes[1:], strict=False)
        assert all(later >= earlier + 60.0 for earlier, later in pairs)


TestAnyOrder = AnyOrder.TestCase
