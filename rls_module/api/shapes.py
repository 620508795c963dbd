"""How each record looks from outside: every field named here, and none that is not."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from rls_module.cases.models import Case, Chart, Response
from rls_module.followups.models import Delivery
from rls_module.host import adapter
from rls_module.knowledge.instruments.definition import Instrument, Item
from rls_module.visits.models import Visit

Text = serializers.CharField
Number = serializers.IntegerField
Day = serializers.DateField
Moment = partial(serializers.DateTimeField, default_timezone=UTC)
Key = serializers.UUIDField


@extend_schema_field({"type": ["number", "string", "null"]})
class LimitField(serializers.ReadOnlyField):
    """The least or most that can be answered: a number, or a day or time as ISO has it."""


class Shape(serializers.Serializer[Any]):
    """A representation to read."""


class ChartShape(Shape):
    """One patient's chart."""

    uuid = Key()
    patient = serializers.SerializerMethodField(help_text="The clinic system's reference; it names nobody.")
    created_at = Moment()
    open_case = serializers.SerializerMethodField()

    def get_patient(self, row: Chart) -> str:
        return adapter().public_ref(row.patient)

    def get_open_case(self, row: Chart) -> str | None:
        return next((str(case.uuid) for case in row.cases.all() if case.is_open), None)


class ActivityShape(Shape):
    """An activity the patient named."""

    uuid = Key()
    position = Number()
    text = Text()
    retired_at = Moment(allow_null=True)


class MilestoneShape(Shape):
    """A date that schedules hang from."""

    kind = Text()
    on = Day()


class CaseShape(Shape):
    """One episode of care."""

    uuid = Key()
    chart = Key(source="chart.uuid")
    reason = Text()
    status = Text()
    opened_on = Day()
    opened_by_name = Text()
    known_elsewhere = serializers.BooleanField()
    closed_at = Moment(allow_null=True)
    version = Number()
    activities = ActivityShape(many=True)
    milestones = MilestoneShape(many=True)


class NeedlingShape(Shape):
    """One muscle needled on one side; sizes in millimetres."""

    position = Number()
    muscle = Text()
    side = Text()
    technique = Text()
    gauge_mm = serializers.DecimalField(max_digits=4, decimal_places=2, allow_null=True)
    length_mm = Number(allow_null=True)
    needles_in = Number(allow_null=True)
    twitch = serializers.BooleanField(allow_null=True)
    minutes = Number(allow_null=True)


class FascialPointShape(Shape):
    """One fascial point treated on one side; grades 0 to 3."""

    position = Number()
    point = Text()
    side = Text()
    palpation_before = Number(allow_null=True)
    palpation_after = Number(allow_null=True)
    movement_before = Number(allow_null=True)
    movement_after = Number(allow_null=True)
    minutes = Number(allow_null=True)
    is_balance = serializers.BooleanField()


class ExerciseShape(Shape):
    """One exercise done or taught."""

    position = Number()
    exercise = Text()
    name = Text()
    side = Text()
    sets = Number(allow_null=True)
    reps = Number(allow_null=True)
    hold_s = Number(allow_null=True)
    minutes = Number(allow_null=True)
    quality = Text()
    note = Text()


class SignatureShape(Shape):
    """Who signed, when."""

    signer_name = Text()
    signed_at = Moment()
    content_hash = Text()


class VisitShape(Shape):
    """One visit note with its typed rows."""

    uuid = Key()
    chart = Key(source="chart.uuid")
    case = Key(source="case.uuid")
    host_visit = Text(help_text="The clinic system's own visit, as app_label.model:key; may be empty.")
    visit_date = Day()
    visit_started_at = Moment(allow_null=True)
    status = Text()
    author_name = Text()
    since_last = Text()
    nights = Number(allow_null=True, help_text="Nights with symptoms, of the last 7.")
    reaction = Text()
    reaction_note = Text()
    safety = Text()
    safety_note = Text()
    findings = Text()
    needling_sites = NeedlingShape(many=True)
    needles_out = Number(allow_null=True)
    aftercare_given = serializers.BooleanField()
    fascial_points = FascialPointShape(many=True)
    exercises = ExerciseShape(many=True)
    no_treatment_because = Text()
    response = Text(help_text="What the therapist noted of the answer to the treatment.")
    timed_minutes = Number(allow_null=True)
    total_minutes = Number(allow_null=True)
    next_time = Text()
    version = Number()
    signature = serializers.SerializerMethodField()

    @extend_schema_field(SignatureShape(allow_null=True))
    def get_signature(self, row: Visit) -> Any:
        found = self.context["signatures"].get(row.uuid)
        return SignatureShape(found).data if found else None


class MailShape(Shape):
    """One message about a follow-up: that it went, never where to."""

    uuid = Key()
    kind = Text()
    ordinal = Number()
    channel = Text()
    state = Text()
    state_reason = Text()
    due_at = Moment()
    sent_at = Moment(allow_null=True)


class FollowupShape(Shape):
    """One time of asking."""

    uuid = Key()
    chart = Key(source="chart.uuid")
    case = Key(source="enrolment.case.uuid")
    step = Text()
    ordinal = Number()
    state = Text()
    state_reason = Text()
    anchor_on = Day()
    due_on = Day()
    due_at = Moment()
    on_time_until = Moment()
    window_end = Moment()
    zone = Text()
    begun_at = Moment(allow_null=True)
    instruments = serializers.DictField(child=Number(), help_text="Instrument to version.")
    response = Key(source="response.uuid", default=None, allow_null=True)
    mails = serializers.SerializerMethodField()

    @extend_schema_field(MailShape(many=True))
    def get_mails(self, row: Any) -> Any:
        return MailShape(sorted(row.deliveries.all(), key=_by_due), many=True).data


def _by_due(mail: Delivery) -> Any:
    return mail.due_at, mail.pk


class MeasurementShape(Shape):
    """One value over time."""

    measure = Text()
    subject = Text()
    value = serializers.FloatField()
    at = Moment()
    derived = serializers.BooleanField()
    algorithm = Text()


class ResponseShape(Shape):
    """One sitting: what was answered, in which words, by whom."""

    uuid = Key()
    chart = Key(source="chart.uuid")
    case = Key(source="case.uuid", default=None, allow_null=True)
    followup = serializers.SerializerMethodField()
    instruments = serializers.DictField(child=Number(), help_text="Instrument to version.")
    phase = Text()
    language = Text()
    mode = Text()
    respondent_role = Text()
    answered_at = Moment()
    entered_by_name = Text()
    state = Text()
    answers = serializers.DictField(help_text="instrument.item to answer.")
    missing = serializers.DictField(child=Text(), help_text="instrument.item to why there is no answer.")
    measurements = MeasurementShape(many=True)

    def get_followup(self, row: Response) -> str | None:
        occurrence = getattr(row, "occurrence", None)
        return str(occurrence.uuid) if occurrence else None


class WordsField(serializers.DictField):
    """Language to words."""

    child = Text()


class OptionShape(Shape):
    """One answer that can be picked."""

    key = Text()
    text = WordsField()


class ItemShape(Shape):
    """One question with its words in every language."""

    key = Text()
    kind = Text()
    page = Text()
    required = serializers.BooleanField()  # type: ignore[assignment]
    minimum = LimitField()
    maximum = LimitField()
    text = WordsField()
    options = OptionShape(many=True)


class LanguageShape(Shape):
    """A language of an instrument; a draft waits for its second reader."""

    language = Text()
    status = Text()
    title = Text()


class InstrumentShape(Shape):
    """One questionnaire in its newest version; without its words where they are licensed to the clinic."""

    key = Text()
    version = Number()
    minutes = Number()
    recall_days = Number(allow_null=True)
    licence = Text()
    source = Text()  # type: ignore[assignment]
    is_licensed = serializers.BooleanField()
    languages = LanguageShape(many=True)
    items = ItemShape(many=True)


class PlaceShape(Shape):
    """A value of a measure at one time of asking."""

    label = Text()  # type: ignore[assignment]
    value = Text()


class MeasureShape(Shape):
    """A measure over the course: values in words, and the change since the baseline where there is one."""

    label = Text()  # type: ignore[assignment]
    values = PlaceShape(many=True)
    change = serializers.FloatField(allow_null=True)
    counts_from = serializers.FloatField(allow_null=True)
    verdict = Text(allow_null=True)


class RoomShape(Shape):
    """How one room of the case stands, in words."""

    room = Text()
    words = Text()


class AskedShape(Shape):
    """A follow-up in words."""

    uuid = Key()
    step = Text()
    words = Text()


class SummaryShape(Shape):
    """What the chart page says: the course of the latest case and what waits for a person."""

    chart = Key()
    case = Key(allow_null=True)
    has_baseline = serializers.BooleanField()
    signed_visits = Number()
    unsigned_visits = Number()
    open_tasks = Number()
    mail_agreed = serializers.BooleanField()
    mail_off = serializers.BooleanField()
    measures = MeasureShape(many=True)
    rooms = RoomShape(many=True)
    followups = AskedShape(many=True)


class ProblemShape(Shape):
    """An error, RFC 9457."""

    type = Text()
    title = Text()
    status = Number()
    detail = Text()
    errors = serializers.ListField(child=serializers.DictField(child=Text()), required=False)  # type: ignore[assignment]


def of_summary(chart: Chart, page: Any) -> dict[str, Any]:
    """Return the chart page's content as SummaryShape has it."""
    case: Case | None = page.case
    return {
        "chart": chart.uuid,
        "case": case.uuid if case else None,
        "has_baseline": page.has_baseline,
        "signed_visits": page.signed_count,
        "unsigned_visits": len(page.drafts),
        "open_tasks": len(page.tasks),
        "mail_agreed": page.mail_agreed,
        "mail_off": page.mail_off,
        "measures": [_of_measure(row) for row in page.rows],
        "rooms": [{"room": room.label, "words": room.words} for room in page.rooms],
        "followups": [{"uuid": row.uuid, "step": step, "words": words} for row, step, words in page.followups],
    }


def _of_measure(row: Any) -> dict[str, Any]:
    change = row.change
    return {
        "label": row.label,
        "values": [{"label": label, "value": value} for value, label in row.labelled],
        "change": change.delta if change else None,
        "counts_from": change.counts_from if change else None,
        "verdict": change.verdict if change else None,
    }


def of_instrument(one: Instrument) -> dict[str, Any]:
    """Return an instrument as InstrumentShape has it; licensed words stay behind, their titles apart."""
    return {
        "key": one.key,
        "version": one.version,
        "minutes": one.minutes,
        "recall_days": one.recall_days,
        "licence": one.licence,
        "source": one.source,
        "is_licensed": one.is_licensed,
        "languages": [
            {"language": code, "status": one.words(code).status, "title": one.words(code).title}
            for code in one.languages
        ],
        "items": [_of_item(one, item) for item in one.items],
    }


def _of_item(one: Instrument, item: Item) -> dict[str, Any]:
    shown = () if one.is_licensed else one.languages
    words = {code: one.words(code).items[item.key] for code in shown}
    return {
        "key": item.key,
        "kind": item.kind,
        "page": item.page,
        "required": item.required,
        "minimum": item.min,
        "maximum": item.max,
        "text": {code: said.text for code, said in words.items()},
        "options": [
            {"key": name, "text": {code: said.options.get(name, name) for code, said in words.items()}}
            for name in (option.name for option in item.options)
        ],
    }
