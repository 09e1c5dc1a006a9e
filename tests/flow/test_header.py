"""What a run begins with: written down, read again, compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from mjflow import FlowChanged, JournalUnusable, Mask, Mode
from mjflow.flow.flow import Flow
from mjflow.flow.running.header import VERSION, Header, decoded
from mjflow.flow.running.library import Library, kept_for

STEPS: list[dict[str, Any]] = [{"imagine": "a {animal}"}, {"click": "U1"}]
ROWS = ({"id": "a", "animal": "cat"}, {"id": "b", "animal": "dog"})


def header(**changes: object) -> Header:
    given = {"flow": Flow(STEPS), "rows": ROWS, "out": Path("/out"), **changes}
    return Header(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "one",
    [
        header(),
        header(rows=None, out=None),
        header(files={"mask.png": b"\x00\xff"}, mode=Mode.TURBO, max_cost=2.5, max_tasks=7),
    ],
)
def test_a_header_is_read_as_it_was_written(one: Header) -> None:
    """Byte by byte."""
    assert decoded(one.encoded()) == one


def test_a_header_of_a_later_version_is_refused() -> None:
    """The error says what to do."""
    later = msgspec.json.encode({"version": VERSION + 1, "anything": "else"})
    with pytest.raises(JournalUnusable, match="a later version of mjflow") as caught:
        decoded(later)
    assert "Update mjflow" in caught.value.advice


@pytest.mark.parametrize("payload", [b"", b"{}", b"\xff", b'{"version": 1}', b"[]"])
def test_what_is_no_header_is_told(payload: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(JournalUnusable, match="cannot be read"):
        decoded(payload)


def test_a_run_goes_on_with_what_is_not_said_anew() -> None:
    """Where the pictures go, the limits, the mode, files that are gone."""
    older = header(files={"mask.png": b"m"}, mode=Mode.FAST, max_cost=2.0)
    after = header(out=None).behind(older)
    assert after == older


def test_rows_may_be_added_and_put_in_another_order() -> None:
    """Those that were there have to be there."""
    more = (*reversed(ROWS), {"id": "c", "animal": "owl"})
    assert header(rows=more).behind(header()).rows == more
    with pytest.raises(FlowChanged, match=r"the item 'a' is gone \(.*animal=cat.*\)"):
        header(rows=ROWS[1:]).behind(header())


def test_few_differences_are_told_and_the_others_counted() -> None:
    """A file of other rows is not listed row by row."""
    rows = tuple({"id": str(n), "animal": "cat"} for n in range(100))
    others = tuple({"id": str(n), "animal": "dog"} for n in range(100))
    with pytest.raises(FlowChanged) as caught:
        header(rows=others).behind(header(rows=rows))
    assert caught.value.message.count("and is 'dog' now") == 5
    assert caught.value.message.endswith("more")


def test_files_of_the_flow_are_kept_once(tmp_path: Path, mask_file: Path) -> None:
    """Those that are the same for all items; what cannot be read is left to whoever uses it."""
    steps: list[dict[str, Any]] = [
        {"blend": ["one.png", "{animal}.png", "missing.png", "https://example.com/a.png"]},
        {"click": "U1"},
        {
            "fork": {
                "a": [{"click": "Vary (Region)", "prompt": "x", "mask": "not:mask.png"}],
                "b": [{"click": "Vary (Region)", "prompt": "x", "mask": {"rect": [0, 0, 1, 0.5]}}],
            }
        },
    ]
    (tmp_path / "one.png").write_bytes(b"one")
    kept = kept_for(Flow(steps).steps, tmp_path)
    assert kept == {"one.png": b"one", "mask.png": mask_file.read_bytes()}
    library = Library(tmp_path / "gone", kept)
    assert library.picture("one.png", None) == b"one"
    assert library.picture("cat.png", None) == tmp_path / "gone" / "cat.png"
    assert library.mask("not:mask.png") == ~Mask.file(mask_file)


@pytest.fixture
def mask_file(tmp_path: Path) -> Path:
    """A mask on disk."""
    path = tmp_path / "mask.png"
    path.write_bytes(Mask.rect(0, 0, 0.5, 0.5).png(64, 64))
    return path
