"""What goes into the gateway and what comes out of it, freed of HTTP."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from attrs import frozen

from mjflow.simulator.gates import bind
from mjflow.simulator.tasks import Task
from mjflow.simulator.wire import Ending, Json, Refused, shape_a, shape_b

PREFIXES = {"mj-fast": "FAST", "mj-turbo": "TURBO", "mj-relax": "RELAX"}


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
    def mode(self) -> str | None:
        """The speed mode the path asks for."""
        return PREFIXES.get(self.prefix)

    def fields(self) -> Json:
        """
        Read the fields of a submit as the gateway does, P§1.

        A body that does not say that it is JSON has no fields.
        """
        is_json = self.headers.get("Content-Type", "").startswith("application/json")
        if not self.raw:
            if is_json:
                raise Refused(shape_a(400, "Invalid request, EOF", self.request_id))
            raise Refused(shape_b(5, "read_request_body_failed"))
        if not is_json:
            return {}
        try:
            body = msgspec.json.decode(self.raw)
        except msgspec.DecodeError as error:
            raise Refused(shape_a(400, f"Invalid request, {error}", self.request_id)) from None
        return bind(body, self.request_id)

    def ids(self) -> list[str]:
        """Read the ids of a look at many tasks; any other condition is ignored, P§2.16."""
        try:
            return msgspec.json.decode(self.raw, type=_Condition).ids or []
        except msgspec.DecodeError:
            raise Refused(shape_b(4, "do_request_failed")) from None


@frozen
class Shot:
    """A picture to answer with; only the server draws."""

    task: Task
    preview: bool
    ending: Ending


class _Condition(msgspec.Struct):
    ids: list[str] | None = None
