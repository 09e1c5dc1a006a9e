"""Rows from files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.errors import FlowInvalid
from mjflow.flow.language.inputs import Inputs, read


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def complaints(path: Path) -> list[str]:
    with pytest.raises(FlowInvalid) as caught:
        read(path)
    return [str(one).removeprefix(f"{path}") for one in caught.value.complaints]


@pytest.mark.parametrize(
    ("name", "content", "rows", "lines"),
    [
        ("a.csv", "id,animal\n1,cat\n\n2,\n", [("1", "cat"), ("2", "")], (2, 4)),
        ("a.csv", "\ufeffid,animal\r\n1,cat\r\n", [("1", "cat")], (2,)),
        ("a.csv", 'id , animal\n1,"a, ""b""\nc"\n2,d', [("1", 'a, "b"\nc'), ("2", "d")], (2, 4)),
        (
            "a.csv",
            "id,animal\r1,a\u2028b\x0bc\r2,\x85",
            [("1", "a\u2028b\x0bc"), ("2", "\x85")],
            (2, 3),
        ),
        ("a.CSV", "id,animal\n1,no\n2,1e3\n", [("1", "no"), ("2", "1e3")], (2, 3)),
        ("a.jsonl", '{"id": 1, "animal": "cat"}\n\n{"animal": 1.50, "id": true}\n', None, (1, 3)),
    ],
)
def test_rows_are_read(
    tmp_path: Path,
    name: str,
    content: str,
    rows: list[tuple[str, str]] | None,
    lines: tuple[int, ...],
) -> None:
    """All values are texts, and each row knows its line."""
    path = written(tmp_path, name, content)
    rows = rows or [("1", "cat"), ("true", "1.50")]
    expected = tuple({"id": one, "animal": two} for one, two in rows)
    assert read(path) == Inputs(str(path), ("id", "animal"), expected, lines)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", "a cat\r\n\n  a dog  \n"), ("a.ndjson", '"a cat"\n{"prompt": "a dog"}\n')],
)
def test_prompts_are_read(tmp_path: Path, name: str, content: str) -> None:
    """A prompt to a line becomes the value `prompt`."""
    found = read(written(tmp_path, name, content))
    assert (found.columns, found.rows) == (("prompt",), ({"prompt": "a cat"}, {"prompt": "a dog"}))


def test_null_is_no_value(tmp_path: Path) -> None:
    """A default may count in its place."""
    found = read(written(tmp_path, "a.jsonl", '{"a": null, "b": 1}\n{"a": 2}\n'))
    assert found.rows == ({"b": "1"}, {"a": "2"})


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", "a;b\n1;2\n", [":1: the columns of this file are separated by semicolons."]),
        ("a.csv", "a\tb\n1\t2\n", [":1: the columns of this file are separated by tabs."]),
        ("a.csv", "a,a\n1,2\n", [":1: two columns are called 'a'"]),
        ("a.csv", "a,\n1,2\n", [":1: a column has no name."]),
        ("a.csv", "a,b!\n1,2\n", [":2: the column 'b!' cannot be a field."]),
        (
            "a.csv",
            "a,b\n1,2,3\n1,2\n1\n",
            [
                ":2: this row has 3 fields, and the header has 2.",
                ":4: this row has 1 fields, and the header has 2.",
            ],
        ),
        ("a.csv", 'a,b\n1,"2\n', [":2: this is not CSV: unexpected end of data."]),
        ("a.csv", "a,b\n", [": there are no rows in this file"]),
        ("a.csv", "", [": there are no rows in this file"]),
        ("a.csv", "id,a\n7,x\n8,y\n7,z\n", [":4: the id '7' stands on line 2 already."]),
        ("a.csv", b"a\ncat\nk\xe4tzchen\n", [":3:2: this is not UTF-8."]),
        ("a.csv", "a\ncat\n".encode("utf-16"), [":1:1: this is not UTF-8."]),
        ("a.jsonl", '{"a": 1}\n{"a": }\n', [":2:7: this is not JSON."]),
        ("a.jsonl", '{"a": 1, "a": 2}\n', [":1: the key 'a' stands here twice"]),
        ("a.jsonl", '{"a": [1]}\nnull\n', [":1: this is no row.", ":2: this is no row."]),
        ("a.jsonl", '{"a": NaN}\n', [":1:1: this is not JSON."]),
        ("a.jsonl", "[" * 100_000, [":1:1: this is not JSON."]),
        ("a.txt", "\n \n", [": there are no rows in this file"]),
        ("a.xlsx", "", [": a file of inputs ends with one of .csv, .jsonl, .ndjson, .txt, not"]),
        ("a", "", [": a file of inputs ends with one of .csv, .jsonl, .ndjson, .txt, not"]),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, name: str, content: str | bytes, expected: list[str]
) -> None:
    """All of it at once, where that is possible."""
    found = complaints(written(tmp_path, name, content))
    assert len(found) == len(expected)
    for said, begin in zip(found, expected, strict=True):
        assert said.startswith(begin), said


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """It has no line."""
    assert complaints(tmp_path / "a.csv") == [
        ": the file cannot be read: No such file or directory. "
        "Give the path of a file that you may read."
    ]


_VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).filter(str.strip)


@given(st.lists(st.tuples(_VALUES, _VALUES), min_size=1, max_size=8))
def test_what_csv_writers_write_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    """Quotes, commas and any alphabet survive."""
    out = io.StringIO()
    csv.writer(out).writerows([("a", "b"), *rows])
    path = written(tmp_path_factory.mktemp("csv"), "a.csv", out.getvalue())
    assert [tuple(row.values()) for row in read(path).rows] == rows
