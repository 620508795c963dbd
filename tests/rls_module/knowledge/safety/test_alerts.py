"""Every alert rule fires when it should, and only then, at the right moment, with its words and its page."""

from __future__ import annotations

import json
import string
from decimal import Decimal

import pytest
from hypothesis import given
from pydantic import ValidationError

from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.loading import shipped
from rls_module.knowledge.safety.alert_conditions import FIRES, GAIN, minutes_earlier
from rls_module.knowledge.safety.alerts import RULES, AlertFacts, call_requested, on_page, on_submit, staff_words
from rls_module.knowledge.safety.opening import Due
from tests.rls_module.knowledge.examples import quick, sittings

CHECKIN = shipped("rls_checkin")
FACTS = AlertFacts()
BASELINE = AlertFacts(
    step="week_12",
    baseline={"rls_checkin:nights": 5, "rls_checkin:worst": 5, "rls_checkin:start": 1320},
    baseline_places=frozenset({"feet", "lower_legs"}),
    planned_days=5,
)
ON_DRUG = BASELINE.model_copy(update={"dopaminergic": True})


def treated(days):
    return AlertFacts(days_since_hands_on=days)


def rules(alerts):
    return [alert.rule for alert in alerts]


def params(alerts):
    return {alert.rule: alert.params for alert in alerts}


def ticked(*keys):
    return {"new_problem": list(keys)}


@pytest.mark.parametrize(
    ("answers", "facts", "fired"),
    [
        (ticked("none"), FACTS, {}),
        (ticked("other"), FACTS, {}),
        ({}, FACTS, {}),
        (ticked("chest"), FACTS, {"urgent_symptom": {"label": ["chest"]}}),
        (ticked("calf"), FACTS, {"urgent_symptom": {"label": ["calf"]}}),
        (ticked("saddle"), FACTS, {"urgent_symptom": {"label": ["saddle"]}}),
        (ticked("weak", "chest"), FACTS, {"urgent_symptom": {"label": ["chest", "weak"]}}),
        (ticked("infection"), FACTS, {"urgent_symptom": {"label": ["infection"]}}),
        (
            ticked("infection"),
            treated(14),
            {"urgent_symptom": {"label": ["infection"]}, "treatment_reaction": {"label": ["infection"]}},
        ),
        (ticked("infection"), treated(15), {"urgent_symptom": {"label": ["infection"]}}),
        (ticked("drive"), FACTS, {"drowsy_driving": {}}),
        (ticked("mind"), FACTS, {"mind_or_urges": {"label": ["mind"]}}),
        (ticked("urges", "mind"), FACTS, {"mind_or_urges": {"label": ["mind", "urges"]}}),
        (ticked("faint"), FACTS, {"faint": {}}),
        (ticked("sore"), FACTS, {"treatment_reaction": {"label": ["sore"]}}),
        (ticked("sore"), treated(90), {"treatment_reaction": {"label": ["sore"]}}),
        (ticked("numb"), treated(0), {"treatment_reaction": {"label": ["numb"]}}),
        (ticked("numb"), treated(14), {"treatment_reaction": {"label": ["numb"]}}),
        (ticked("numb"), treated(15), {"new_numbness": {}}),
        (ticked("numb"), FACTS, {"new_numbness": {}}),
        (ticked("numb", "sore"), treated(3), {"treatment_reaction": {"label": ["sore", "numb"]}}),
        ({"call_me": "no"}, FACTS, {}),
        ({"call_me": "morning"}, FACTS, {"call_request": {"time": "morning"}}),
        ({"call_me": "any"}, FACTS, {"call_request": {"time": "any"}}),
        ({"worst": 10, "change": 7, "comment": "worse"}, ON_DRUG, {}),
    ],
)
def test_page_rules_fire_when_the_page_is_saved(answers, facts, fired):
    assert params(on_page(answers, facts)) == fired


NO_GAIN = {"no_gain": {"change": 4}}


@pytest.mark.parametrize(
    ("answers", "facts", "fired"),
    [
        ({}, ON_DRUG, {}),
        (ticked("chest", "drive"), FACTS, {}),
        ({"worst": 8}, BASELINE, {"worse_intensity": {"a": 5, "b": 8}}),
        ({"worst": 7}, BASELINE, {}),
        ({"worst": 10}, FACTS, {}),
        ({"change": 5}, FACTS, {}),
        ({"change": 6}, FACTS, {"worse_overall": {"change": 6}}),
        ({"change": 7}, FACTS, {"worse_overall": {"change": 7}}),
        ({"change": 4, "nights": 4, "worst": 4}, BASELINE, NO_GAIN),
        ({"change": 5, "nights": 5, "worst": 5}, BASELINE, {"no_gain": {"change": 5}}),
        ({"change": 4, "nights": 7, "worst": 5}, BASELINE, NO_GAIN),
        ({"change": 4, "nights": 3, "worst": 5}, BASELINE, {}),
        ({"change": 4, "nights": 5, "worst": 3}, BASELINE, {}),
        ({"change": 4, "nights": 0}, BASELINE, {}),
        ({"change": 3, "nights": 5, "worst": 5}, BASELINE, {}),
        ({"change": 4, "nights": 5, "worst": 5}, BASELINE.model_copy(update={"step": "week_6"}), {}),
        ({"change": 4, "nights": 5, "worst": 5}, AlertFacts(step="week_12"), NO_GAIN),
        ({"start": 1200}, BASELINE, {}),
        ({"start": 1200}, ON_DRUG, {"augmentation_watch": {"n": 1, "list": ["start"]}}),
        ({"start": 1201}, ON_DRUG, {}),
        ({"start": "woke"}, ON_DRUG, {}),
        (
            {"start": 1140},
            ON_DRUG.model_copy(update={"start_before": 1200}),
            {},
        ),
        (
            {"start": 1260},
            ON_DRUG.model_copy(update={"start_before": 0}),
            {"augmentation_watch": {"n": 1, "list": ["start"]}},
        ),
        ({"places": ["feet", "arms"]}, ON_DRUG, {"augmentation_watch": {"n": 1, "list": ["spread"]}}),
        ({"places": ["feet"]}, ON_DRUG, {}),
        ({"places": ["arms"]}, AlertFacts(dopaminergic=True), {}),
        ({"worst": 7}, ON_DRUG, {"augmentation_watch": {"n": 1, "list": ["worst"]}}),
        ({"worst": 6}, ON_DRUG, {}),
        ({"med_extra": "yes"}, ON_DRUG, {"augmentation_watch": {"n": 1, "list": ["med_extra"]}}),
        ({"med_extra": "unsure"}, ON_DRUG, {}),
        (
            {"start": 960, "places": ["arms"], "worst": 9, "med_extra": "yes"},
            ON_DRUG,
            {
                "worse_intensity": {"a": 5, "b": 9},
                "augmentation_watch": {"n": 4, "list": ["start", "spread", "worst", "med_extra"]},
            },
        ),
        ({"home_days": 2, "home_barrier": ["hurt", "time"]}, BASELINE, {"exercise_barrier": {"barrier": ["hurt"]}}),
        ({"home_days": 0, "home_barrier": ["unclear"]}, BASELINE, {"exercise_barrier": {"barrier": ["unclear"]}}),
        ({"home_days": 3, "home_barrier": ["hurt"]}, BASELINE, {}),
        ({"home_days": 2, "home_barrier": ["time"]}, BASELINE, {}),
        ({"home_days": 2, "home_barrier": ["hurt"]}, FACTS, {}),
        ({"home_barrier": ["hurt"]}, BASELINE, {}),
        ({"comment": "Ya duermo."}, FACTS, {"read_comment": {"items": ["comment"]}}),
        ({"comment": " \n"}, FACTS, {}),
        ({"places.other": "ear"}, FACTS, {"read_comment": {"items": ["places.other"]}}),
        ({"med_change": "yes"}, FACTS, {"medicine_marker": {}}),
        ({"med_change": "unsure"}, FACTS, {}),
        ({"call_me": "any"}, FACTS, {}),
    ],
)
def test_other_rules_fire_at_sending(answers, facts, fired):
    assert params(on_submit(answers, facts)) == fired


@pytest.mark.parametrize(
    ("rule", "run", "due", "shown", "kind"),
    [
        ("urgent_symptom", "page", Due(opening_hours=1), ("U1", ""), "alert"),
        ("drowsy_driving", "page", Due(opening_hours=4), ("U2", ""), "alert"),
        ("mind_or_urges", "page", Due(opening_hours=4), ("U3", ""), "alert"),
        ("faint", "page", Due(working_days=1), ("U3", ""), "alert"),
        ("treatment_reaction", "page", Due(opening_hours=4), ("U4", ""), "adverse_event"),
        ("new_numbness", "page", Due(working_days=1), ("U4", ""), "alert"),
        ("worse_intensity", "send", Due(working_days=2), ("", "harder"), "alert"),
        ("worse_overall", "send", Due(working_days=2), ("", "harder"), "alert"),
        ("augmentation_watch", "send", Due(working_days=2), ("U3", ""), "alert"),
        ("no_gain", "send", Due(working_days=5), ("", ""), "review"),
        ("exercise_barrier", "send", Due(working_days=5), ("", ""), "review"),
        ("call_request", "page", Due(working_days=1), ("", "will_call"), "call"),
        ("read_comment", "send", Due(working_days=2), ("", ""), "review"),
        ("medicine_marker", "send", None, ("", "medicines"), "review"),
    ],
)
def test_rule_has_its_moment_due_time_and_patient_page(rule, run, due, shown, kind):
    found = RULES[rule]
    assert (found.run, found.due, found.task_kind) == (run, due, kind)
    assert (found.patient_page, found.patient_line) == shown


def test_every_rule_has_a_condition_and_every_condition_a_rule():
    assert list(RULES) == list(FIRES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_words_are_in_both_languages_with_the_same_placeholders(rule):
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in rule.words.values()]
    assert fields[0] == fields[1]


@pytest.mark.parametrize(
    ("rule", "given_params", "language", "words"),
    [
        ("worse_intensity", {"a": 5, "b": 8}, "en", "Worst went from 5 to 8."),
        ("call_request", {"time": "morning"}, "en", "Wants a call, in the morning."),
        ("call_request", {"time": "any"}, "es-MX", "Quiere una llamada, a cualquier hora."),
        ("exercise_barrier", {"barrier": ["hurt"]}, "fr", "Home programme: it hurt. Adjust or re-teach."),
        (
            "augmentation_watch",
            {"n": 2, "list": ["start", "spread"]},
            "en",
            "2 of 4 signs (starts earlier, spread). Do the augmentation screen before judging the plan.",
        ),
    ],
)
def test_staff_words(rule, given_params, language, words):
    assert staff_words(rule, given_params, language=language) == words


def test_staff_words_take_labels_from_the_instrument():
    labels = CHECKIN.words("en").items["new_problem"].options
    words = staff_words("urgent_symptom", {"label": ["calf"]}, language="en", labels=labels)
    assert words == 'Ticked "One calf that is hot, swollen and sore". Call now; record outcome.'
    assert staff_words("urgent_symptom", {"label": ["calf"]}, language="en").startswith('Ticked "calf".')


def test_facts_are_taken_as_rows_hold_them():
    facts = AlertFacts(baseline={"rls_checkin:worst": Decimal("5.00")}, baseline_places=["feet"], dopaminergic=True)
    fired = params(on_submit({"worst": 8, "places": ["feet", "arms"]}, facts))
    assert fired["worse_intensity"] == {"a": 5, "b": 8}
    assert fired["augmentation_watch"] == {"n": 2, "list": ["spread", "worst"]}


def test_fact_with_an_unknown_name_is_refused():
    with pytest.raises(ValidationError, match="dopamine"):
        AlertFacts(dopamine=True)


def test_call_link_asks_for_a_call_at_any_time():
    assert (call_requested(),) == on_page({"call_me": "any"}, FACTS)


@pytest.mark.parametrize(
    ("before", "now", "minutes"),
    [(1320, 1020, 300), (60, 1320, 180), (1320, 1380, 0), (1320, 1320, 0), (1320, 240, 1080), (1320, 239, 0)],
)
def test_minutes_earlier_go_round_midnight(before, now, minutes):
    assert minutes_earlier(before, now) == minutes


def test_thresholds_are_those_of_the_checkin():
    assert {item: CHECKIN.item(item).measure.counts_from for item in GAIN} == GAIN
    assert CHECKIN.item("start").measure.watch_from == 120


def test_rules_name_items_and_options_that_the_checkin_has():
    options = {option.key for option in CHECKIN.item("new_problem").options}
    fires_on_page = {key for key in options if on_page(ticked(key), FACTS)}
    assert options - fires_on_page == {"other", "none"}


@quick
@given(sittings(CHECKIN))
def test_each_rule_fires_at_most_once_and_its_parameters_are_plain_json(sitting):
    answers, facts, phase = sitting
    keep = branching.kept(CHECKIN, answers=answers, facts=facts, phase=phase)
    for fired in (on_page(keep, ON_DRUG), on_submit(keep, ON_DRUG)):
        assert len(set(rules(fired))) == len(fired)
        for alert in fired:
            assert json.loads(json.dumps(alert.params)) == alert.params
            assert staff_words(alert.rule, alert.params, language="es")


@quick
@given(sittings(CHECKIN))
def test_saving_more_pages_takes_no_page_alert_back(sitting):
    answers, facts, phase = sitting
    so_far = {}
    before = set()
    for question in branching.questions(CHECKIN, answers=answers, facts=facts, phase=phase):
        so_far |= {name: value for name, value in answers.items() if name == question.name}
        after = set(rules(on_page(so_far, FACTS)))
        assert before <= after
        before = after
