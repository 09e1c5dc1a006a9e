"""Requests into bytes."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.errors import InvalidInput
from mjflow.protocol.codec import digest, encode
from mjflow.protocol.requests import (
    Action,
    Change,
    Fetch,
    Imagine,
    ListByCondition,
    Modal,
    Request,
    Shorten,
)
from tests.strategies import ids, states, texts

#: A list that holds itself.
RING: list[Any] = []
RING.append(RING)


class TestRequests:
    """Requests into bytes."""

    @pytest.mark.parametrize(
        ("request_", "body"),
        [
            (Imagine(prompt="a cat"), {"prompt": "a cat", "state": ""}),
            (
                Imagine(
                    prompt="a cat",
                    base64_array=("data:image/png;base64,AA==",),
                    bot_type="NIJI_JOURNEY",
                    account_filter={"modes": ["FAST"], "nijiRemix": True},
                    notify_hook="https://example.com/hook",
                    state="mj1.abc:order",
                    extra={"noStorage": True},
                ),
                {
                    "prompt": "a cat",
                    "base64Array": ["data:image/png;base64,AA=="],
                    "botType": "NIJI_JOURNEY",
                    "accountFilter": {"modes": ["FAST"], "nijiRemix": True},
                    "notifyHook": "https://example.com/hook",
                    "state": "mj1.abc:order",
                    "noStorage": True,
                },
            ),
            (
                Action(task_id="007", custom_id="MJ::Inpaint::1", enable_remix=False, state="s"),
                {"taskId": "007", "customId": "MJ::Inpaint::1", "enableRemix": False, "state": "s"},
            ),
            (
                Change(task_id="14001934816969359", action="REROLL"),
                {"taskId": "14001934816969359", "action": "REROLL", "index": 1, "state": ""},
            ),
            (Modal(task_id="1"), {"taskId": "1", "state": ""}),
            (
                Modal(task_id="1", prompt="crown", mask_base64="data:image/png;base64,AA=="),
                {
                    "taskId": "1",
                    "prompt": "crown",
                    "maskBase64": "data:image/png;base64,AA==",
                    "state": "",
                },
            ),
            (ListByCondition(ids=("01", "2")), {"ids": ["01", "2"]}),
        ],
    )
    def test_post_bodies(self, request_: Request, body: dict[str, Any]) -> None:
        """A POST carries camelCase JSON, without the fields that are not set."""
        assert json.loads(encode(request_)) == body

    def test_get_has_no_body(self) -> None:
        """A GET has no body."""
        assert encode(Fetch(task_id="1")) == b""

    @given(
        st.one_of(
            st.builds(Imagine, prompt=texts, state=states, base64_array=st.just(())),
            st.builds(Action, task_id=ids, custom_id=texts, state=states, extra=st.just({})),
            st.builds(Modal, task_id=ids, prompt=texts, state=states, extra=st.just({})),
        )
    )
    def test_texts_arrive_unchanged(self, request_: Imagine | Action | Modal) -> None:
        """What was set can be read back out of the body, ids as strings with all their digits."""
        body = json.loads(encode(request_))
        fields = {"taskId": "task_id", "customId": "custom_id", "prompt": "prompt"}
        sent = {name: getattr(request_, ours, None) for name, ours in fields.items()}
        assert {name: body.get(name) or None for name in fields} == {
            name: value or None for name, value in sent.items()
        }
        assert body["state"] == request_.state

    @pytest.mark.parametrize("name", ["prompt", "state"])
    def test_extra_replaces_nothing(self, name: str) -> None:
        """`extra` that names a field which is set is refused."""
        with pytest.raises(InvalidInput, match=f"extra= cannot replace .*{name}"):
            encode(Imagine(prompt="a cat", extra={name: "other"}))

    @pytest.mark.parametrize("value", [object(), RING, 1j])
    def test_extra_must_be_json(self, value: object) -> None:
        """`extra` that has no JSON is refused as input."""
        with pytest.raises(InvalidInput, match="cannot be written as JSON"):
            encode(Imagine(prompt="a cat", extra={"x": value}))

    def test_broken_characters_are_refused(self) -> None:
        """A prompt with half a surrogate pair is refused as input."""
        with pytest.raises(InvalidInput, match="broken characters"):
            encode(Imagine(prompt="a cat \udcff"))


class TestDigest:
    """The sum of what is asked for."""

    CAT = Imagine(prompt="a cat", extra={"a": 1, "b": {"c": 2, "d": 3}})

    @pytest.mark.parametrize(
        "same",
        [
            attrs.evolve(CAT, state="mj1.abc:x"),
            attrs.evolve(CAT, notify_hook="https://example.com/hook"),
            attrs.evolve(CAT, extra={"b": {"d": 3, "c": 2}, "a": 1}),
        ],
    )
    def test_the_attempt_does_not_count(self, same: Imagine) -> None:
        """The state, the address to notify and the order of keys do not change the digest."""
        assert digest(same) == digest(self.CAT)

    @pytest.mark.parametrize(
        "other",
        [
            attrs.evolve(CAT, prompt="a dog"),
            attrs.evolve(CAT, base64_array=("data:image/png;base64,AA==",)),
            attrs.evolve(CAT, extra={}),
            Shorten(prompt="a cat", extra=CAT.extra),
        ],
    )
    def test_the_content_counts(self, other: Imagine | Shorten) -> None:
        """Any other difference, the route included, changes the digest."""
        assert digest(other) != digest(self.CAT)

    def test_is_stable(self) -> None:
        """A digest stands in journals, so what it is made of may never change."""
        made_of = b'["/mj/submit/imagine",{"prompt":"a cat"}]'
        assert digest(Imagine(prompt="a cat", state="x")) == sha256(made_of).hexdigest()
