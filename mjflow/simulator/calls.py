"""What goes into a server and what comes out of it, freed of HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from attrs import frozen

from mjflow.simulator.tasks import Task
from mjflow.simulator.wire import Ending, Json


@frozen
class Call:
    """One request."""

    request_id: str
    headers: Mapping[str, str]
    #: Where the caller reached the server: scheme, host and port.
    origin: str
    #: The first part of the path, as in `mj-fast`; `""` if there is none.
    prefix: str
    raw: bytes

    @property
    def is_json(self) -> bool:
        """Whether the body says that it is JSON."""
        return self.headers.get("Content-Type", "").startswith("application/json")

    def peek(self) -> Json:
        """Read the body for the record alone: what can't be read is empty."""
        try:
            body: Any = msgspec.json.decode(self.raw)
        except msgspec.DecodeError:
            return {}
        return body if isinstance(body, dict) else {}


@frozen
class Shot:
    """A picture or clip to answer with; only the server draws."""

    task: Task
    preview: bool = False
    #: The number of a clip, 1 to 4; None for the picture.
    clip: int | None = None
    ending: Ending = Ending.WHOLE
    #: Virtual seconds before the first byte.
    delay: float = 0.0
