"""How trueai shows a task: every field of its own table, nulls included (P§4.3)."""

from __future__ import annotations

from mjflow.simulator.buttons import FILMS, Kind
from mjflow.simulator.recipes import seed_of, size_of
from mjflow.simulator.tasks import Task
from mjflow.simulator.views.showing import Glance, pressed
from mjflow.simulator.wire import INSTANCE_ID, Json

#: Fields that are null on a Discord account, whatever the task is.
ALWAYS_NULL = (
    *("interactionMetadataId", "remixModalMessageId", "subInstanceId", "requestMode", "language"),
    *("baseImageUrl", "thumbnailUrl", "url", "proxyUrl", "storageOption", "imageUrls"),
    *("seedError", "seedMessageId", "partnerTaskId", "partnerTaskInfo", "officialTaskId"),
    *("officialTaskInfo", "replicateSource", "replicateTarget", "videoGenOriginImageUrl"),
)
#: Fields that say no on a Discord account.
ALWAYS_FALSE = (
    *("isWhite", "hasAIReviewRetried", "isThirdParty", "isPartner", "isPartnerRelax"),
    *("isOfficial", "isReplicate", "isHdVideo"),
)


def task_object(glance: Glance) -> Json:
    """Give the JSON object of a task."""
    task = glance.task
    return {
        **dict.fromkeys(ALWAYS_NULL),
        **dict.fromkeys(ALWAYS_FALSE, False),
        "id": task.id,
        "parentId": None if task.parent is None else task.parent.id,
        "instanceId": INSTANCE_ID,
        "isDiscord": True,
        "action": task.action,
        "botType": task.bot,
        "realBotType": None,
        "mode": task.mode or None,
        "accountFilter": None,
        "version": _version(task),
        "clientIp": "127.0.0.1",
        "userId": "user",
        **_state(glance),
        **_texts(glance),
        **_times(glance),
        **_picture(glance),
        **_film(glance),
        "seed": str(seed_of(task)) if task.seed_known else None,
        "buttons": pressed(task) if glance.status == "SUCCESS" else [],
        "displays": {},
        "properties": glance.properties(),
    }


def _version(task: Task) -> str | None:
    if not task.version:
        return None
    return task.version if task.version.startswith("niji") else f"v {task.version}"


def _state(glance: Glance) -> Json:
    task, failed = glance.task, glance.status == "FAILURE"
    done = glance.status == "SUCCESS"
    return {
        "status": glance.status,
        "isCompleted": glance.ended,
        "progress": task.progress(glance.at) or None,
        "failReason": task.reason if failed else None,
        "state": task.state or None,
        "nonce": str(int(task.job[:8], 16)),
        "jobId": task.job if done else None,
        "messageId": task.id if done else None,
        "messageIds": [task.id] if done else [],
        "remixAutoSubmit": task.answers > 0,
        "remixModaling": glance.status == "MODAL" and task.answers > 0,
    }


def _texts(glance: Glance) -> Json:
    prompt = glance.prompt
    done = glance.status == "SUCCESS"
    return {
        "prompt": prompt,
        "promptEn": prompt,
        "promptFull": glance.task.final_prompt if done else None,
        "description": _description(glance.task),
    }


def _description(task: Task) -> str:
    if task.dialog is not None:
        return "Waiting for window confirm"
    return f"/{task.action.lower()} {task.prompt}".strip()


def _times(glance: Glance) -> Json:
    task = glance.task
    picked = task.click is not None and task.click.kind is Kind.UPSCALE
    used = min(glance.at, task.ends) - task.submitted if glance.ended else None
    return {
        "submitTime": glance.clock.millis(task.submitted),
        # What is done within a second is never seen to start (P§4.3).
        "startTime": None if picked else glance.millis(task.started),
        "finishTime": glance.millis(task.ends),
        "useTime": "-" if used is None else f"{used:.2f} s",
    }


def _picture(glance: Glance) -> Json:
    task, done = glance.task, glance.status == "SUCCESS"
    width, height = size_of(task) if done and glance.raw_link else (None, None)
    return {
        "imageUrl": glance.raw_link or None,
        "width": width,
        "height": height,
        "imageWidth": width,
        "imageHeight": height,
        "size": None,
        "contentType": "image/png" if width else None,
    }


def _film(glance: Glance) -> Json:
    task, links = glance.task, glance.clips()
    return {
        "videoType": "vid_1.1_i2v_480" if task.stage in FILMS else None,
        "videoUrl": links[0] if links else None,
        "videoUrls": [{"url": link, "thumbnail": glance.raw_link} for link in links] or None,
        "videoDuration": 5 if links else None,
        "frameCount": None,
    }
