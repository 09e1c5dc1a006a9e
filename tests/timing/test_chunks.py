"""How large the chunks of bulk looks are (P§2.16)."""

from __future__ import annotations

from mjflow.timing.chunks import Chunks


def test_a_chunk_is_a_hundred_at_first() -> None:
    """No server sets a limit of its own."""
    assert Chunks().size(0.0) == 100


def test_a_chunk_that_fails_is_halved_down_to_a_single_look() -> None:
    """What is too much for a server is found out by use."""
    chunks, sizes = Chunks(), []
    for _ in range(8):
        chunks.failed(chunks.size(0.0), 0.0)
        sizes.append(chunks.size(0.0))
    assert sizes == [50, 25, 12, 6, 3, 1, 1, 1]


def test_many_chunks_that_fail_together_halve_once() -> None:
    """Those on the wire at once tell the same news."""
    chunks = Chunks()
    for _ in range(10):
        chunks.failed(100, 0.0)
    assert chunks.size(0.0) == 50


def test_chunks_that_work_grow_again() -> None:
    """Whatever was too much may have ended."""
    chunks = Chunks()
    chunks.failed(100, 0.0)
    chunks.failed(50, 0.0)
    chunks.worked()
    assert chunks.size(0.0) == 50
    for _ in range(5):
        chunks.worked()
    assert chunks.size(0.0) == 100


def test_two_answers_that_there_is_no_such_route_are_believed_for_ten_minutes() -> None:
    """One may have been the mistake of a proxy."""
    chunks = Chunks()
    chunks.unknown(5.0)
    assert chunks.size(5.0) == 100
    chunks.unknown(10.0)
    assert [chunks.size(now) for now in (10.0, 609.9, 610.0)] == [1, 1, 100]


def test_an_answer_between_two_noes_takes_the_first_back() -> None:
    """Two in a row count."""
    chunks = Chunks()
    for now in range(10):
        chunks.unknown(float(now))
        chunks.worked()
    assert chunks.size(10.0) == 100


def test_a_server_known_to_have_none_gets_single_looks() -> None:
    """They work, and that makes them no larger."""
    chunks = Chunks(most=1)
    chunks.worked()
    assert chunks.size(0.0) == 1
