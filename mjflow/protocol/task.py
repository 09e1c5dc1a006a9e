"""One look at a task, normalised: what the server says, with its quirks gone (P§4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import Factory, field, frozen

from mjflow.protocol.status import Status


@frozen(kw_only=True)
class Button:
    """A button that a finished task offers; `custom_id` alone is sure to be there (P§4.5)."""

    #: What a click sends back; never built by hand.
    custom_id: str
    label: str = ""
    emoji: str = ""
    #: Always 2 where told.
    type: int = 2
    #: 2 normal; 3 green, as after it was pressed.
    style: int = 2

    @property
    def name(self) -> str:
        """What a person would call it: the label, else the emoji, else the custom id."""
        return self.label or self.emoji or self.custom_id


@frozen(kw_only=True)
class Picture:
    """One entry of `imageUrls` or `videoUrls`."""

    url: str
    #: A smaller rendering, where the server has one.
    thumbnail: str | None = None


@frozen(kw_only=True)
class Task:
    """
    What the server says of one task, at one moment.

    Everything but `id` and `status` may be missing: servers of this family agree on little (P§4).
    Times are aware datetimes in UTC.  Fields that only one server sends are in `details`; the
    wire itself, untouched, is in `raw`.
    """

    id: str
    status: Status = Status.UNREAD
    #: Percent, 0-100; `None` when the server says none.  May run backwards; 100 is not success.
    progress: int | None = None
    #: The server's word for the kind of task: `IMAGINE`, `UPSCALE`, ...
    action: str = ""
    prompt: str = ""
    prompt_en: str = ""
    #: The text Midjourney reports, from `properties`.
    final_prompt: str = ""
    final_zh_prompt: str = ""
    description: str = ""
    #: The user's own state, without the token that mjflow puts in front of it.
    state: str = ""
    #: mjflow's token, when this task was submitted by mjflow and the server echoes it.
    token: str | None = None
    fail_reason: str = ""
    submitted_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    #: The result; before SUCCESS only a preview, at a link that changes.
    image_url: str | None = None
    #: Single pictures beside the grid, where the server gives them.
    image_urls: tuple[Picture, ...] = ()
    video_url: str | None = None
    video_urls: tuple[Picture, ...] = ()
    buttons: tuple[Button, ...] = ()
    properties: Mapping[str, Any] = Factory(dict)
    custom_id: str = ""
    bot_type: str = ""
    mask_base64: str = field(default="", repr=False)
    #: Where the server tells it (trueai), without a request of its own.
    seed: str | None = None
    #: What only trueai sends (P§4.3); `None` behind every other server.
    details: TaskDetails | None = field(default=None, repr=False)
    #: The reply as it came, keys and all.
    raw: Mapping[str, Any] = field(factory=dict, repr=False, eq=False)

    @property
    def ended(self) -> bool:
        """Whether the server has said its last word."""
        return self.status.ended


@frozen(kw_only=True)
class TaskDetails:
    """The fields that only a trueai server sends, all optional (P§4.3)."""

    # identity
    parent_id: str | None = None
    user_id: str | None = None
    is_white: bool | None = None
    nonce: str | None = None
    interaction_metadata_id: str | None = None
    message_id: str | None = None
    message_ids: tuple[str, ...] = ()
    remix_modal_message_id: str | None = None
    instance_id: str | None = None
    sub_instance_id: str | None = None
    job_id: str | None = None
    client_ip: str | None = None
    # kind
    real_bot_type: str | None = None
    mode: str | None = None
    request_mode: str | None = None
    account_filter: Mapping[str, Any] | None = None
    version: str | None = None
    language: str | None = None
    # state
    is_completed: bool | None = None
    has_ai_review_retried: bool | None = field(
        default=None, metadata={"wire": "hasAIReviewRetried"}
    )
    remix_auto_submit: bool | None = None
    remix_modaling: bool | None = None
    prompt_full: str | None = None
    #: Text such as `"12.34 s"`, or `"-"`.
    use_time: str | None = None
    # image
    base_image_url: str | None = None
    thumbnail_url: str | None = None
    url: str | None = None
    proxy_url: str | None = None
    height: int | None = None
    width: int | None = None
    #: Bytes.
    size: int | None = None
    content_type: str | None = None
    #: Pixels of the result.
    image_height: int | None = None
    image_width: int | None = None
    storage_option: Any = None
    # video
    video_type: str | None = None
    is_hd_video: bool | None = None
    video_gen_origin_image_url: str | None = None
    video_duration: float | None = None
    frame_count: int | None = None
    # seed
    seed_error: str | None = None
    seed_message_id: str | None = None
    # source
    is_third_party: bool | None = None
    is_discord: bool | None = None
    is_partner: bool | None = None
    is_partner_relax: bool | None = None
    partner_task_id: str | None = None
    partner_task_info: Any = None
    is_official: bool | None = None
    official_task_id: str | None = None
    official_task_info: Any = None
    is_replicate: bool | None = None
    replicate_source: str | None = None
    replicate_target: str | None = None
    # controls
    displays: Mapping[str, Any] | None = None
