"""The acts beside imagine, as they go over the wire."""

from __future__ import annotations

import json

import pytest

from mjflow.protocol.codec import encode
from mjflow.protocol.requests import (
    Blend,
    Cancel,
    Describe,
    Edits,
    ImageSeed,
    ListAll,
    Request,
    Shorten,
    SwapFace,
    Upload,
    Video,
    path_of,
)

A, B = "data:image/png;base64,AA==", "data:image/png;base64,BB=="


@pytest.mark.parametrize(
    ("request_", "path", "body"),
    [
        # P§2.7
        (
            Blend(base64_array=(A, B), dimensions="PORTRAIT", state="s"),
            "/mj/submit/blend",
            {"base64Array": [A, B], "dimensions": "PORTRAIT", "state": "s"},
        ),
        # P§2.7: an explicit null is code 4, so what is not said is left out.
        (
            Blend(base64_array=(A, B), bot_type="NIJI_JOURNEY"),
            "/mj/submit/blend",
            {"base64Array": [A, B], "botType": "NIJI_JOURNEY", "state": ""},
        ),
        # P§2.8
        (Describe(base64=A), "/mj/submit/describe", {"base64": A, "state": ""}),
        (
            Describe(link="https://x.example/a.png", language="zh"),
            "/mj/submit/describe",
            {"link": "https://x.example/a.png", "language": "zh", "state": ""},
        ),
        # P§2.9
        (Shorten(prompt="a b c"), "/mj/submit/shorten", {"prompt": "a b c", "state": ""}),
        # P§2.10: prompt and motion always, for some resellers insist; `action` is `extend`.
        (
            Video(image=A, loop=True),
            "/mj/submit/video",
            {"prompt": "", "motion": "low", "image": A, "loop": True, "state": ""},
        ),
        (
            Video(prompt="on", motion="high", extend="extend", task_id="17", index=0),
            "/mj/submit/video",
            {
                "prompt": "on",
                "motion": "high",
                "action": "extend",
                "taskId": "17",
                "index": 0,
                "state": "",
            },
        ),
        # P§2.11
        (
            Edits(prompt="a hat", image=A, mask_base64=B),
            "/mj/submit/edits",
            {"prompt": "a hat", "image": A, "maskBase64": B, "state": ""},
        ),
        # P§2.12
        (
            Upload(base64_array=(A,)),
            "/mj/submit/upload-discord-images",
            {"base64Array": [A]},
        ),
        # P§2.13
        (
            SwapFace(source_base64=A, target_base64=B, extra={"noStorage": True}),
            "/mj/insight-face/swap",
            {"sourceBase64": A, "targetBase64": B, "state": "", "noStorage": True},
        ),
    ],
)
def test_an_act_goes_out_with_the_fields_of_its_route(
    request_: Request, path: str, body: dict[str, object]
) -> None:
    """Only what is set is sent, under the names and the path of the fact sheet."""
    assert path_of(request_) == path
    assert json.loads(encode(request_)) == body


@pytest.mark.parametrize(
    ("request_", "method", "path"),
    [
        (ImageSeed(task_id="1?2"), "GET", "/mj/task/1%3F2/image-seed"),  # P§2.15
        (ListAll(), "GET", "/mj/task/list"),  # P§2.16
        (Cancel(task_id="12"), "POST", "/mj/task/12/cancel"),  # P§2.17
    ],
)
def test_a_read_names_its_task_in_the_path(request_: Request, method: str, path: str) -> None:
    """An id is an opaque string, and quoted."""
    assert (request_.route.method, path_of(request_)) == (method, path)


@pytest.mark.parametrize("request_", [Blend(base64_array=(A,)), Edits(prompt="p", image=A)])
def test_no_picture_in_a_repr(request_: Request) -> None:
    """Base64 stays out of logs and errors."""
    assert "base64," not in repr(request_)
