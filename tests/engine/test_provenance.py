"""Where a picture came from, told from records."""

from __future__ import annotations

from mjflow.engine.act import Act, Click
from mjflow.engine.provenance import fields_of, lineage
from mjflow.engine.record import Record
from mjflow.media.sidecar import Ancestor
from mjflow.protocol.requests import Imagine
from tests.scripted import task

ROOT = Act(what=Imagine(prompt="a cat"))


def test_a_parent_that_was_sent_again_stands_for_the_act() -> None:
    """Of an act in doubt that was resubmitted, the task that the click was made on is named."""
    root = Record(act=ROOT, key="root")
    root.successor = Record(act=ROOT, key="root", ids=("8",), task=task("8"))
    child = Record(act=Act(what=Click(button="U2")), key="child", parent=root)
    assert lineage(child) == [Ancestor("8", "IMAGINE", None)]
    assert fields_of(child, task("9"))["parent"] == "8"


def test_a_root_has_neither_parent_nor_button() -> None:
    """It is named after what the server calls it."""
    root = Record(act=ROOT, key="order-17")
    assert lineage(root) == []
    assert fields_of(root, task("7", action="")) == {
        "id": "7",
        "button": "task",
        "action": "",
        "prompt": "a cat",
        "key": "order-17",
        "parent": "",
    }
