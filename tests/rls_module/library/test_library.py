"""The library: exercises, policy and licences of one clinic; never of another."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from rls_module.audit.models import AuditEvent
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale
from rls_module.knowledge.exercises import library as shipped
from rls_module.knowledge.planning import templates as shipped_templates
from rls_module.knowledge.vocabulary import loading
from rls_module.library import actions, queries
from rls_module.library.models import Exercise, Licence
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]
ACTOR = Actor("user:1", "Lena Ortiz")
ZONE = ZoneInfo("America/New_York")


def test_each_clinic_gets_its_own_copy_once():
    assert actions.install_exercises(scope="riverside", actor=ACTOR, now=make.NOW) == len(shipped.shipped())
    assert actions.install_exercises(scope="riverside", actor=ACTOR, now=make.NOW) == 0
    assert not queries.exercises("hillside").exists()


def test_what_a_clinic_edited_or_retired_stays_so():
    actions.install_exercises(scope="riverside", actor=ACTOR, now=make.NOW)
    raise_, bridge = queries.exercise("riverside", "calf_raise"), queries.exercise("riverside", "hip_bridge")
    actions.save_exercise(exercise=raise_, seen=1, values={"name": {"en": "Heel raise"}}, actor=ACTOR)
    actions.retire_exercise(exercise=bridge, seen=1, reason="not used", actor=ACTOR, now=make.NOW)
    actions.install_exercises(scope="riverside", actor=ACTOR, now=make.NOW)
    assert queries.exercise("riverside", "calf_raise").name == {"en": "Heel raise"}
    assert "hip_bridge" not in {one.key for one in queries.exercises("riverside")}
    with pytest.raises(Stale):
        actions.save_exercise(exercise=raise_, seen=1, values={}, actor=ACTOR)


def test_plan_templates_are_copied_once_and_what_a_clinic_edited_stays():
    """Issue: a shipped one each for needling-led, fascial-led, exercise-led, combined."""
    assert actions.install_plan_templates(scope="riverside", actor=ACTOR, now=make.NOW) == 4
    row = queries.plan_template("riverside", "needling_led")
    actions.save_plan_template(template=row, seen=1, values={"weeks": 4}, actor=ACTOR)
    other = queries.plan_template("riverside", "combined")
    actions.retire_plan_template(template=other, seen=1, reason="not used", actor=ACTOR, now=make.NOW)
    assert actions.install_plan_templates(scope="riverside", actor=ACTOR, now=make.NOW) == 0
    assert queries.plan_template("riverside", "needling_led").weeks == 4
    assert [one.key for one in queries.plan_templates("riverside")] == ["exercise_led", "fascial_led", "needling_led"]
    assert not queries.plan_templates("hillside").exists()
    with pytest.raises(Stale):
        actions.save_plan_template(template=row, seen=1, values={}, actor=ACTOR)


def test_each_shipped_plan_template_is_led_by_what_it_is_called():
    led = {one.key: [row.modality for row in one.interventions] for one in shipped_templates.shipped()}
    assert {key: modalities[0] for key, modalities in led.items()} == {
        "needling_led": "needling", "fascial_led": "fascial", "exercise_led": "exercise", "combined": "needling",
    }  # fmt: skip
    assert set(led["combined"]) == {"needling", "fascial", "exercise", "education"}


def test_every_shipped_exercise_has_words_in_both_languages_and_a_known_region():
    regions = {one.key for one in loading.regions()}
    for one in shipped.shipped():
        assert set(one.name) == {"en", "es"} == set(one.cues), one.key
        assert one.region in regions, one.key
        assert set(one.precautions) in ({"en", "es"}, set()), one.key


def test_no_exercise_carries_a_proprietary_name():
    """Decisions 12.15."""
    said = " ".join(str(one.model_dump()) for one in shipped.shipped()).casefold()
    assert not [mark for mark in ("hruska", "postural restoration", "pri ", "mckenzie", "pilates") if mark in said]


def test_a_clinic_without_a_policy_works_by_the_defaults():
    hours = queries.opening_hours("riverside", ZONE)
    assert (hours.opens, hours.closes, hours.weekdays) == (time(8), time(18), frozenset(range(5)))
    assert queries.policy("riverside").needling_consent_months == 12


def test_a_policy_is_saved_once_for_each_version():
    """DI-1."""
    values = {"opens_at": time(9), "weekdays": [0, 5], "closed_days": ["2026-12-25"]}
    actions.save_policy(scope="riverside", seen=1, values=values, actor=ACTOR, now=make.NOW)
    hours = queries.opening_hours("riverside", ZONE)
    assert (hours.opens, hours.weekdays) == (time(9), frozenset({0, 5}))
    assert not hours.is_working_day(date(2026, 12, 25))
    actions.save_policy(scope="riverside", seen=1, values={"opens_at": time(10)}, actor=ACTOR, now=make.NOW)
    with pytest.raises(Stale):
        actions.save_policy(scope="riverside", seen=1, values={"opens_at": time(11)}, actor=ACTOR, now=make.NOW)
    assert queries.policy("hillside").pk is None


def licence(**changes) -> Licence:
    values = {
        "scope": "riverside",
        "kind": "wording_review",
        "instrument": "rls_checkin",
        "instrument_version": 1,
        "language": "es",
        "holder": "Second Reader",
        "granted_on": make.TODAY,
    } | changes
    return actions.record_licence(**values, actor=ACTOR, now=make.NOW)


def signed_off(**changes) -> bool:
    asked = {"scope": "riverside", "instrument": "rls_checkin", "version": 1, "language": "es", "on": make.TODAY}
    return queries.is_wording_signed_off(**asked | changes)


def test_a_sign_off_counts_for_its_wording_alone():
    licence()
    assert signed_off()
    assert not any(
        signed_off(**other)
        for other in ({"scope": "hillside"}, {"version": 2}, {"language": "de"}, {"instrument": "rls_screen"})
    )


def test_a_sign_off_counts_from_its_first_to_its_last_day_and_until_it_is_revoked():
    row = licence(expires_on=make.TODAY + make.days(10))
    assert [signed_off(on=make.TODAY + make.days(day)) for day in (-1, 0, 10, 11)] == [False, True, True, False]
    with pytest.raises(ValueError, match="why"):
        actions.revoke_licence(licence=row, reason=" ", actor=ACTOR, now=make.NOW)
    actions.revoke_licence(licence=row, reason="wrong text", actor=ACTOR, now=make.NOW)
    assert not signed_off()
    with pytest.raises(Stale):
        actions.revoke_licence(licence=row, reason="again", actor=ACTOR, now=make.NOW)


def test_a_permission_is_no_sign_off():
    licence(kind="permission")
    assert not signed_off()


def test_every_change_is_on_record():
    """AU-2, part."""
    licence()
    actions.save_policy(scope="riverside", seen=1, values={}, actor=ACTOR, now=make.NOW)
    actions.install_exercises(scope="riverside", actor=ACTOR, now=make.NOW)
    assert set(AuditEvent.objects.values_list("verb", flat=True)) == {"licence.edit", "policy.edit", "library.edit"}
    assert AuditEvent.objects.filter(verb="library.edit").count() == Exercise.objects.count()
