"""As much of JSON Schema as the schema of flows has in it, and YAML as editors read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}
#: What a schema may say; anything else would pass unnoticed.
KNOWN = {
    *("$schema", "$defs", "$ref", "title", "description"),
    *("type", "enum", "anyOf", "not", "pattern", "minimum", "maximum"),
    *("properties", "patternProperties", "additionalProperties", "propertyNames", "required"),
    *("minProperties", "items", "minItems"),
}


class _Loader(yaml.SafeLoader):
    """YAML 1.2, in which `on` and `no` are texts."""


_BOOL = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != _BOOL]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("true|false"), ["t", "f"])


def load(text: str) -> Any:
    """Read YAML."""
    return yaml.load(text, Loader=_Loader)


class Checker:
    """Tells what a schema has against a value."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._root = schema

    def errors(self, value: Any) -> list[str]:
        """List what is wrong, each with its path."""
        return self._errors(value, self._root, "")

    def _errors(self, value: Any, schema: Any, path: str) -> list[str]:
        if isinstance(schema, bool):
            return [] if schema else [f"{path}: not allowed"]
        assert schema.keys() <= KNOWN, schema.keys() - KNOWN
        found: list[str] = []
        if "$ref" in schema:
            found += self._errors(value, self._find(schema["$ref"]), path)
        if "type" in schema and not self._is(value, schema["type"]):
            found.append(f"{path}: no {schema['type']}")
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{path}: {value!r} is none of {schema['enum']}")
        if "anyOf" in schema and all(self._errors(value, one, path) for one in schema["anyOf"]):
            found.append(f"{path}: fits none")
        if "not" in schema and not self._errors(value, schema["not"], path):
            found.append(f"{path}: not this")
        for check in (self._string, self._number, self._array, self._object):
            found += check(value, schema, path)
        return found

    def _find(self, ref: str) -> Any:
        found: Any = self._root
        for part in ref.removeprefix("#/").split("/"):
            found = found[part]
        return found

    def _is(self, value: Any, types: Any) -> bool:
        names = [types] if isinstance(types, str) else types
        if isinstance(value, bool):
            return "boolean" in names
        return any(isinstance(value, _TYPES[name]) for name in names)  # type: ignore[arg-type]

    def _string(self, value: Any, schema: Any, path: str) -> list[str]:
        if not isinstance(value, str) or "pattern" not in schema:
            return []
        return [] if re.search(schema["pattern"], value) else [f"{path}: pattern"]

    def _number(self, value: Any, schema: Any, path: str) -> list[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            return []
        fits = schema.get("minimum", value) <= value <= schema.get("maximum", value)
        return [] if fits else [f"{path}: out of range"]

    def _array(self, value: Any, schema: Any, path: str) -> list[str]:
        if not isinstance(value, list):
            return []
        found = [] if len(value) >= schema.get("minItems", 0) else [f"{path}: too short"]
        for at, entry in enumerate(value):
            found += self._errors(entry, schema.get("items", True), f"{path}[{at}]")
        return found

    def _object(self, value: Any, schema: Any, path: str) -> list[str]:
        if not isinstance(value, dict):
            return []
        found = [
            f"{path}: lacks {name}" for name in schema.get("required", ()) if name not in value
        ]
        if len(value) < schema.get("minProperties", 0):
            found.append(f"{path}: too few")
        for name, entry in value.items():
            found += self._errors(name, schema.get("propertyNames", True), f"{path}.{name}")
            for one in self._for(name, schema):
                found += self._errors(entry, one, f"{path}.{name}")
        return found

    def _for(self, name: str, schema: Any) -> list[Any]:
        """Return the schemas that a property has to fit."""
        own = [schema["properties"][name]] if name in schema.get("properties", {}) else []
        patterns = schema.get("patternProperties", {})
        own += [one for pattern, one in patterns.items() if re.search(pattern, name)]
        return own or [schema.get("additionalProperties", True)]
