"""Reads of the library: how a clinic works, its exercises and instruments, and what its licence register allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from rls_module.knowledge.instruments import loading, storing
from rls_module.knowledge.instruments.definition import FALLBACK_LANGUAGE, Instrument
from rls_module.knowledge.safety import billing, opening
from rls_module.library.models import BillingTable, ClinicPolicy, Exercise, ImportedInstrument, Licence, PlanTemplate

MOST_AT_HAND = 64  # imported instruments that are kept built; a check-in's takes milliseconds


def policy(scope: str) -> ClinicPolicy:
    """Return how the clinic of `scope` works; one that never said so works by the defaults (an unsaved row)."""
    return ClinicPolicy.objects.filter(scope=scope).first() or ClinicPolicy(scope=scope)


def opening_hours(scope: str, zone: ZoneInfo) -> opening.OpeningHours:
    """Return when the clinic of `scope` is open, by the clock of `zone`."""
    row = policy(scope)
    return opening.OpeningHours(
        zone,
        weekdays=frozenset(row.weekdays) or opening.MONDAY_TO_FRIDAY,
        opens=row.opens_at,
        closes=row.closes_at,
        closed_on=frozenset(date.fromisoformat(day) for day in row.closed_days),
    )


def billing_tables(scope: str) -> list[BillingTable]:
    """Return every version of what the clinic bills by, the newest first; none where it never said so."""
    return list(BillingTable.objects.filter(scope=scope).order_by("-number"))


def billing_table(scope: str) -> BillingTable:
    """Return what the clinic bills by now; one that never said so has the shipped table (an unsaved row, number 0)."""
    return in_force(billing_tables(scope), scope, at=None)


def in_force(versions: Sequence[BillingTable], scope: str, *, at: datetime | None) -> BillingTable:
    """Return the one of `versions`, newest first, that stood at the moment `at`; now for None.

    Before the first version the shipped table stood.
    """
    stood = (one for one in versions if at is None or one.created_at <= at)
    return next(stood, None) or BillingTable(
        scope=scope,
        number=0,
        codes=[{"code": one.code, "label": one.label, "is_timed": one.is_timed} for one in billing.SHIPPED],
        kinds=dict(billing.SHIPPED_KINDS),
    )


def to_bill_by(row: BillingTable) -> billing.Table:
    """Return a version as the rules take it."""
    codes = tuple(billing.Code(one["code"], one["label"], is_timed=one["is_timed"]) for one in row.codes)
    rule: billing.Rule = "AMA" if row.rule == BillingTable.Rule.AMA else "CMS"
    return billing.Table(rule, row.both_sides_count_twice, codes, row.kinds)


def families(scope: str) -> dict[str, str]:
    """Return the family of each exercise of the clinic by its key, retired ones too."""
    return dict(Exercise.objects.filter(scope=scope).values_list("key", "family"))


def exercises(scope: str) -> QuerySet[Exercise]:
    """Return the clinic's exercises that can be prescribed, by family and key."""
    return Exercise.objects.filter(scope=scope, retired_at=None).order_by("family", "key")


def exercise(scope: str, key: str) -> Exercise | None:
    """Return one exercise of the clinic, retired or not."""
    return Exercise.objects.filter(scope=scope, key=key).first()


def plan_templates(scope: str) -> QuerySet[PlanTemplate]:
    """Return the clinic's plan templates that a plan can begin from, by name."""
    return PlanTemplate.objects.filter(scope=scope, retired_at=None).order_by("name", "pk")


def plan_template(scope: str, key: str) -> PlanTemplate | None:
    """Return one plan template of the clinic, retired or not."""
    return PlanTemplate.objects.filter(scope=scope, key=key).first()


def exercises_by_name(scope: str) -> dict[str, Exercise]:
    """Return the clinic's exercises by every name they have in any language, in small letters."""
    return {text.casefold(): one for one in exercises(scope) for text in one.name.values()}


def words(texts: dict[str, str], language: str) -> str:
    """Return the text in `language`, else in English, else in whatever language there is."""
    return texts.get(language.partition("-")[0]) or texts.get("en") or next(iter(texts.values()), "")


def is_wording_signed_off(*, scope: str, instrument: str, version: int, language: str, on: date) -> bool:
    """True when a second reader's sign-off for this wording stands in the clinic's licence register on that day."""
    return _is_registered(Licence.Kind.WORDING_REVIEW, scope, (instrument, version, language), on)


def is_wording_permitted(*, scope: str, instrument: str, version: int, language: str, on: date) -> bool:
    """True when the holder's permission for this wording stands in the clinic's licence register on that day."""
    return _is_registered(Licence.Kind.PERMISSION, scope, (instrument, version, language), on)


def _is_registered(kind: Licence.Kind, scope: str, wording: tuple[str, int, str], on: date) -> bool:
    instrument, version, language = wording
    rows = Licence.objects.filter(
        scope=scope,
        kind=kind,
        instrument=instrument,
        instrument_version=version,
        language=language,
        revoked_at=None,
        granted_on__lte=on,
    )
    return rows.filter(Q(expires_on=None) | Q(expires_on__gte=on)).exists()


# Instruments


def is_shipped(key: str) -> bool:
    """True for an instrument that comes with the plugin and is the same for every clinic."""
    return key in loading.shipped_keys()


def instrument(key: str, version: int, *, scope: str) -> Instrument:
    """Return one version of an instrument: shipped ones first, then those that the clinic of `scope` imported.

    A retired version is returned like any other: what was asked stays readable. Numbers that were entered from a form
    whose words nobody brought in are read by its structure. Raises KeyError if there is none.
    """
    if is_shipped(key):
        return loading.shipped(key, version)
    row = imported(scope).filter(key=key, version=version).only("content_hash", "licence_id").first()
    if row is not None:
        return instrument_in(row)
    if (key, version) in loading.skeletons():
        return loading.skeleton(key, version)
    raise KeyError(f"the clinic has no instrument {key!r} version {version}")


def forms_on_paper() -> list[Instrument]:
    """Return the licensed forms whose numbers can be entered, in their newest version, by name: no word of theirs."""
    newest = {key: loading.skeleton(key) for key, _version in loading.skeletons()}
    return sorted(newest.values(), key=lambda one: one.name.casefold())


def is_scale(key: str) -> bool:
    """True for a form that is shipped as structure and scoring, whether or not the clinic brought in its words."""
    return any(key == name for name, _version in loading.skeletons())


def reversed_items(key: str, scope: str) -> frozenset[str]:
    """Return the items of a form that run in reverse, as far as the clinic has said so: clinic data, not ours."""
    return frozenset(f"i{number}" for number in policy(scope).ears_reversed) if key == "ears" else frozenset()


def counts_from(key: str, scope: str) -> float | None:
    """Return from how many points a clinic counts a change of a form's total, where that is its choice."""
    return float(policy(scope).irls_counts_from) if key == "irls" else None


def instrument_in(row: ImportedInstrument) -> Instrument:
    """Return the instrument that a row holds; raises KnowledgeError where it is not what was imported any more."""
    return _built(row.content_hash, is_licensed=row.is_licensed, pk=row.pk)


def instrument_anew(row: ImportedInstrument) -> Instrument:
    """As `instrument_in`, past what this process has at hand: for whoever asks whether the row is whole."""
    return _built.__wrapped__(row.content_hash, is_licensed=row.is_licensed, pk=row.pk)


@lru_cache(maxsize=MOST_AT_HAND)
def _built(content_hash: str, *, is_licensed: bool, pk: int) -> Instrument:
    row = ImportedInstrument.objects.get(pk=pk)
    return storing.restored(row.structure, row.wording, content_hash=content_hash, is_licensed=is_licensed)


def imported(scope: str) -> QuerySet[ImportedInstrument]:
    """Return what the clinic imported, by key, the newest version first."""
    return ImportedInstrument.objects.filter(scope=scope).order_by("key", "-version")


def imports_offered(scope: str, on: date) -> list[ImportedInstrument]:
    """Return the imports that may be asked on that day: each in its newest version, not retired, permitted if licensed.

    A newest version that may not be asked brings no older one back. A permission counts from its first day to its
    last, unless it was revoked.
    """

    def is_permitted(row: ImportedInstrument) -> bool:
        return not row.is_licensed or is_wording_permitted(
            scope=scope, instrument=row.key, version=row.version, language=FALLBACK_LANGUAGE, on=on
        )

    return list(filter(is_permitted, _newest(scope)))


def newest_instruments(scope: str) -> list[Instrument]:
    """Return every instrument of the clinic in its newest version: shipped ones by key, then imported ones."""
    return [*map(loading.shipped, loading.shipped_keys()), *map(instrument_in, _newest(scope))]


def _newest(scope: str) -> list[ImportedInstrument]:
    """Return the newest version of each import, unless that was retired."""
    newest: dict[str, ImportedInstrument] = {}
    for row in imported(scope).defer("structure", "wording"):
        newest.setdefault(row.key, row)
    return [row for row in newest.values() if row.retired_at is None]


def to_ask(key: str, *, scope: str, on: date) -> tuple[int, bool]:
    """Return which version of an instrument is pinned on that day, and whether it may be asked at all.

    Raises KeyError if the clinic has none.
    """
    if is_shipped(key):
        return loading.shipped(key).version, True
    offered = next((row for row in imports_offered(scope, on) if row.key == key), None)
    row = offered or imported(scope).filter(key=key).first()
    if row is None:
        raise KeyError(f"the clinic has no instrument {key!r}")
    return row.version, offered is not None
