"""The plugin's settings: read live, typed, from one frozen table. Nothing else reads RLS_MODULE."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from pydantic import TypeAdapter, ValidationError

REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of RLS_MODULE: its type, its default and the sentence that explains it."""

    name: str
    type: Any
    default: Any
    sentence: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a configured value, in words an operator can act on."""

    code: Literal["unknown", "type"]
    name: str
    source: str
    message: str
    hint: str


TABLE: tuple[Setting, ...] = (
    Setting("PATIENT_MODEL", str, REQUIRED, "app_label.Model of the host's patient."),
    Setting("PATIENT_MIGRATION", str | None, None, "Migration to depend on instead of the one found."),
    Setting("ADAPTER", str, REQUIRED, "Dotted path of the HostAdapter subclass."),
    Setting("BASE_URL", str, "", "Scheme and host of links in mail, plus the prefix if the host rewrites it."),
    Setting("CLINIC_NAME", str, "", "Name shown to patients."),
    Setting("FROM_EMAIL", str | None, None, "Sender of survey mail; DEFAULT_FROM_EMAIL when unset."),
    Setting("CHANNELS", list[str], ["email", "print", "staff"], "Ways to hand over a link."),
    Setting("BASE_TEMPLATE", str, "rls_module/layouts/base.html", "Base of therapist pages."),
    Setting("PUBLIC_DECORATORS", list[str], [], "Dotted decorators put on every public view, outermost first."),
    Setting("AUTHENTICATION_CLASSES", list[str], [], "REST framework classes of our API; empty = the host's."),
    Setting("ADMIN_SITE", str | Literal[False], "django.contrib.admin.site", "Where to register; false = nowhere."),
    Setting("FILE_STORAGE", str | None, None, "Alias in STORAGES; None = attachments off."),
    Setting("LINK_KEYS", dict[str, str], {}, "Key ring of patient links, newest first."),
    Setting("LINK_DAYS", int, 30, "A link lives until its window's end, at most this many days."),
    Setting("STAFF_GATE", str | None, None, "gate(request, action): step-up before signing, export and the like."),
    Setting("TRUSTED_PROXIES", int, 0, "How many X-Forwarded-For hops are believed."),
    Setting("SEND_BATCH", int, 50, "Rows per claim."),
    Setting("SEND_CONNECTIONS", int, 1, "Mail connections per worker."),
    Setting("SEND_MARKS", Literal["durable", "fast"], "durable", "How a sent mail is marked: durable or fast commits."),
    Setting("RATE_PER_MINUTE", int | None, None, "Most mails a minute of one scope; None = no limit."),
    Setting("LEASE_S", int, 120, "Seconds a claim holds."),
    Setting("UNCERTAIN_WAIT_S", int, 900, "Seconds before a mail of unknown fate is sent once more."),
    Setting("RETRY_STEPS", list[int], [60, 300, 900, 3600], "Seconds to the next attempts; the last one repeats."),
    Setting("DEADMAN_URL", str | None, None, "Pinged after each tick; its silence is the alarm."),
    Setting("STATUS_TOKEN", str | None, None, "Bearer token of the status page; None = staff only."),
    Setting("AUDIT_YEARS", int, 6, "How long audit events are kept."),
    Setting("DISPATCH_PAUSED", bool, default=False, sentence="No mail leaves; for restores and rehearsals."),
    Setting(
        "UNCERTAIN_POLICY",
        Literal["resend_once", "at_most_once"],
        "resend_once",
        "What to do with a mail whose fate is unknown.",
    ),
    Setting("DRAFT_WORDING", bool, default=False, sentence="Send wording that awaits its second reader; demo only."),
    Setting("CLOCK", str | None, None, "Dotted callable giving now; demo and tests only."),
)
_BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in TABLE}
_ENVIRONMENT_PREFIX = "RLS_MODULE_"
# The name Django's migration writer asks for (see host.fields); a pointer to PATIENT_MODEL, not a key of its own.
_NOT_KEYS = frozenset({"RLS_MODULE_PATIENT_MODEL"})


def get(name: str) -> Any:
    """Return the value of the key `name` as it stands now; the first source that has it wins.

    Raises ImproperlyConfigured, in words, when the value is missing and required or has the wrong type.
    """
    setting = _BY_NAME[name]
    for source, raw in _found(name):
        problem = _type_problem(setting, source, raw)
        if problem:
            raise ImproperlyConfigured(f"{problem.message} {problem.hint}")
        return _typed(setting, raw, from_text=source == "environment")
    if setting.default is REQUIRED:
        raise ImproperlyConfigured(f"RLS_MODULE['{name}'] is missing: {setting.sentence}")
    return setting.default


def source_of(name: str) -> str:
    """Return where the value of `name` comes from: the source's name, or "default"."""
    return next(iter(sources_of(name)), "default")


def sources_of(name: str) -> tuple[str, ...]:
    """Return every source that has the key `name`, the one that wins first; empty = the default counts."""
    return tuple(source for source, _ in _found(name))


def problems() -> Iterator[Problem]:
    """Yield every unknown key and every value of the wrong type, in whichever source it stands."""
    yield from _shapeless()
    for source, values in _sources():
        for name, raw in values.items():
            setting = _BY_NAME.get(name)
            if setting is None:
                yield _unknown(name, source)
            elif problem := _type_problem(setting, source, raw):
                yield problem


def _sources() -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "RLS_MODULE", _block("RLS_MODULE")
    yield "PLUGIN_CONFIGS", _loaded()
    yield (
        "environment",
        {
            key.removeprefix(_ENVIRONMENT_PREFIX): value
            for key, value in os.environ.items()
            if key.startswith(_ENVIRONMENT_PREFIX) and key not in _NOT_KEYS
        },
    )


def _block(name: str) -> Mapping[str, Any]:
    """Return a block of settings; one that is no dict counts as empty, and `problems` says so."""
    block = getattr(django_settings, name, None)
    return block if isinstance(block, Mapping) else {}


def _loaded() -> Mapping[str, Any]:
    block = _block("PLUGIN_CONFIGS").get("rls_module")
    return block if isinstance(block, Mapping) else {}


def _shapeless() -> Iterator[Problem]:
    loaded = _block("PLUGIN_CONFIGS").get("rls_module")
    blocks = {
        "RLS_MODULE": getattr(django_settings, "RLS_MODULE", None),
        "PLUGIN_CONFIGS": getattr(django_settings, "PLUGIN_CONFIGS", None),
        "PLUGIN_CONFIGS['rls_module']": loaded,
    }
    for name, block in blocks.items():
        if block is not None and not isinstance(block, Mapping):
            yield Problem("type", name, name.partition("[")[0], f"{name} should be a dict.", "Nothing in it is read.")


def _found(name: str) -> Iterator[tuple[str, Any]]:
    block = _block("RLS_MODULE")
    if name in block:
        yield "RLS_MODULE", block[name]
    loaded = _loaded()
    if name in loaded:
        yield "PLUGIN_CONFIGS", loaded[name]
    text = os.environ.get(_ENVIRONMENT_PREFIX + name)
    if text is not None:
        yield "environment", text


def _typed(setting: Setting, raw: Any, *, from_text: bool) -> Any:
    value = _parse(setting, raw) if from_text else raw
    return _checker(setting.name).validate_python(value, strict=True)


@cache
def _checker(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_BY_NAME[name].type)


def _parse(setting: Setting, text: str) -> Any:
    """Read an environment value: lists are comma-separated, booleans 1/0/true/false, dicts are JSON."""
    kind = setting.type
    if kind is bool or (setting.name == "ADMIN_SITE" and text.lower() in {"0", "false"}):
        return {"1": True, "true": True, "0": False, "false": False}.get(text.lower(), text)
    if kind in (int, int | None):
        return _number(text)
    if kind in (list[str], list[int]):
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return [_number(part) for part in parts] if kind == list[int] else parts
    if kind == dict[str, str]:
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _number(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


def _type_problem(setting: Setting, source: str, raw: Any) -> Problem | None:
    try:
        _typed(setting, raw, from_text=source == "environment")
    except ValidationError:
        message = f"RLS_MODULE['{setting.name}'] (from {source}) should be {_words(setting.type)}."
        return Problem("type", setting.name, source, message, setting.sentence)
    return None


def _words(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind).replace("typing.", "")


def _unknown(name: str, source: str) -> Problem:
    near = difflib.get_close_matches(name, _BY_NAME, n=1)
    hint = f"Did you mean {near[0]}?" if near else "See the settings page of the documentation for all keys."
    return Problem("unknown", name, source, f"RLS_MODULE has no key '{name}' (from {source}).", hint)
