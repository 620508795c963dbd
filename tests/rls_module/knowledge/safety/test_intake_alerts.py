"""What an intake's answers ask of a person. Source of the rules: project design."""

from __future__ import annotations

import pytest

from rls_module.knowledge.instruments.loading import shipped
from rls_module.knowledge.safety import intake_alerts
from rls_module.knowledge.vocabulary import loading


@pytest.mark.parametrize(
    ("answers", "fired"),
    [
        ({}, []),
        ({"drive": "no", "breathing": "unsure", "iron_loss": ["periods"]}, []),
        ({"drive": "yes"}, ["drowsy_driving"]),
        ({"breathing": "yes", "iron_loss": ["periods", "stools"]}, ["snore_worry", "iron_loss_bleeding"]),
        ({"painful": "yes"}, []),
    ],
)
def test_what_fires(answers, fired):
    assert [one.rule for one in intake_alerts.alerts(answers)] == fired


def test_every_flag_that_can_be_ticked_is_a_red_flag():
    ticked = [option.name for option in shipped("rls_intake").item("flags").options if not option.exclusive]
    assert intake_alerts.red_flags({"flags": ticked}) == tuple(ticked)
    assert set(ticked) <= {one.key for one in loading.red_flags()}
    assert intake_alerts.red_flags({"flags": ["none"]}) == ()


@pytest.mark.parametrize(
    ("where", "one_sided"),
    [
        (["feet_left", "thighs_left"], True),
        (["feet_right"], True),
        (["feet_left", "feet_right"], False),
        (["other"], False),
        ([], False),
    ],
)
def test_one_side_only_is_seen(where, one_sided):
    assert intake_alerts.is_one_sided({"where": where}) is one_sided


def test_every_rule_asks_for_an_answer_that_can_be_given():
    instrument = shipped("rls_intake")
    for item, key, _due in intake_alerts.RULES.values():
        assert instrument.item(item).option(key) is not None
