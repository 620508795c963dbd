"""The API's own description, from its views: OpenAPI 3.1 as a dict."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings

ABOUT = (
    "Read-only access to the restless-legs records of one clinic, by the same rules as its pages. "
    "Lists come newest first, page by page: follow `next`. Errors are problem documents (RFC 9457)."
)


def described() -> dict[str, Any]:
    """Return the description, its address as the host has mounted it."""
    from rls_module.api import urls  # noqa: PLC0415  the addresses name the views, and one view names this

    with patched_settings(
        {
            "OAS_VERSION": "3.1.0",
            "TITLE": "rls_module API",
            "VERSION": "1",
            "DESCRIPTION": ABOUT,
            "SERVERS": [{"url": reverse("rls:api_charts").removesuffix("/charts/")}],
            "SCHEMA_PATH_PREFIX": "",
            "AUTHENTICATION_WHITELIST": [],
            "PREPROCESSING_HOOKS": [],
            "POSTPROCESSING_HOOKS": [],
        }
    ):
        found: dict[str, Any] = SchemaGenerator(patterns=urls.urlpatterns).get_schema(request=None, public=True)
    return found


def for_people() -> dict[str, Any]:
    """Return the description as a page shows it: addresses with their parameters, shapes with their fields."""
    api = described()
    asked = [(path, one) for path, methods in api["paths"].items() for one in methods.values()]
    shapes = api["components"]["schemas"].items()
    return {
        "api": api["info"],
        "addresses": [
            (path, one["description"], [_line(given["name"], given["schema"], given) for given in _parameters(one)])
            for path, one in asked
        ],
        "shapes": [
            (name, one.get("description", ""), [_line(field, about, about) for field, about in _fields(one)])
            for name, one in shapes
        ],
    }


def _parameters(one: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = one.get("parameters", [])
    return found


def _fields(one: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(one["properties"].items())


def _line(name: str, kind: dict[str, Any], about: dict[str, Any]) -> tuple[str, str, str]:
    return name, _kind(kind), about.get("description", "")


def _kind(kind: dict[str, Any]) -> str:
    """One word for what a value is: its format, its type, or the shape it has."""
    if "oneOf" in kind or "anyOf" in kind:
        return " / ".join(map(_kind, kind.get("oneOf") or kind["anyOf"]))
    if "$ref" in kind:
        return str(kind["$ref"]).rpartition("/")[2]
    if kind.get("type") == "array":
        return f"list of {_kind(kind['items'])}"
    types = kind.get("type", "")
    return str(kind.get("format") or (" / ".join(types) if isinstance(types, list) else types))
