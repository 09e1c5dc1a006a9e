"""What is not YAML or JSON is explained."""

from __future__ import annotations

import pytest

from .complaints import told

IN = "steps:\n- imagine: x\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "steps:\n  - imagine: {animal} in the rain\n",
            "f:2:14: without quotes, a text that begins with { is read as a table. "
            'Put quotes around the whole text: "{animal} in the rain".',
        ),
        (
            "steps:\n  - imagine: {animal}\n",
            "f:2:14: {animal} is read as a table, and this takes a text. Put quotes around it",
        ),
        (
            IN + "- download: {animal}/{button}-{id}  # x\n",
            'f:3:13: without quotes…"{animal}/{button}-{id}  # x"',
        ),
        (IN + "- {animal}\n", "f:3:4: no step is called 'animal'"),
        ("steps:\n- blend: [{a}.png, x]\n", 'f:2:11: without quotes…quotes around it: "{a}.png"'),
        (
            "steps:\n- imagine: [old] photo\n",
            "f:2:12: without quotes, a text that begins with [ is read as a list",
        ),
        (
            "steps:\n- imagine: a cat: b\n",
            "f:2:17: this line has a second ': ' in a text without quotes",
        ),
        ("steps:\n- imagine: @x\n", "f:2:12: a text cannot begin with @ unless it is in quotes"),
        ("steps:\n- imagine: `x`\n", "f:2:12: a text cannot begin with `"),
        ("steps:\n- imagine: %x\n", "f:2:12: a text cannot begin with %"),
        (
            "steps:\n- click: *redo*\n",
            "f:2:10: without quotes, a text that begins with * is read as an alias",
        ),
        ("steps:\n- click: *redo\n", "f:2:10: no anchor has this name"),
        ("steps:\n- imagine: !x y\n", "f:2:12: tags such as !x mean nothing here"),
        (
            "steps: !!python/object:os.system []\n",
            "f:1:8: tags such as !!python/object:os.system mean nothing",
        ),
        (
            "steps:\n\t- imagine: x\n",
            "f:2:1: there is a tab here, and YAML is indented with spaces",
        ),
        ('steps:\n- imagine: "x\n- click: U1\n', "f:…these quotes are never closed"),
        (
            "steps:\n- imagine: a red #ff0000 dawn\n",
            "f:2:12: what stands behind ' #' is left out as a comment: '#ff0000 dawn'",
        ),
        ("steps:\n- click: [U1\n- split\n", "f:…this list or table is not closed"),
        ("steps:\n- imagine: x\n click: U1\n", "f:3:2: this…"),
        ("name: a\n---\nname: b\n", "f:2:1: a second document begins here"),
        ("steps:\n- imagine: x\x07\n", "f:2:13: this character cannot stand in YAML: U+0007"),
        ("name: a\nname: b\n" + IN, "f:2:1: the key 'name' stands here twice"),
        (
            '{"steps": [{"imagine": "x"},\n {"imagin: "x"}]}',
            "f:2:13: this is not JSON: a ':' is missing here",
        ),
        ('{"steps": [1,\n ]}', "f:2:2: this is not JSON: a value is missing here"),
        ('{"steps": ["a\nb"]}', "f:1:12: this is not JSON: these quotes are never closed"),
        ('{"steps": []} x', "f:1:15: this is not JSON: there is something behind the end"),
        ('{"steps": [],\n "steps": []}', "f:2:2: the key 'steps' stands here twice"),
        ('{"steps": [nul]}', "f:1:12: this is not JSON: a value is missing here"),
        ('{"a": "\\x"}', "f:1:7: a backslash in this text means nothing"),
        ('{"a": 1', "f:1:8: this is not JSON: a ',' is missing here"),
    ],
)
def test_what_is_not_yaml_or_json_is_explained(text: str, expected: str) -> None:
    """In words for people who write flows."""
    told(text, expected)
