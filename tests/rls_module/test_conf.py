"""The plugin's settings: which source wins, how the environment is read, and what an operator is told."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from rls_module import conf

# key, text in the environment, value. Every type of the table occurs.
FROM_ENVIRONMENT = [
    ("CLINIC_NAME", "Riverside", "Riverside"),
    ("CLINIC_NAME", "", ""),
    ("FROM_EMAIL", "a@example.org", "a@example.org"),
    ("LINK_DAYS", "7", 7),
    ("LINK_DAYS", "-1", -1),
    ("RATE_PER_MINUTE", "60", 60),
    ("DISPATCH_PAUSED", "1", True),
    ("DISPATCH_PAUSED", "true", True),
    ("DISPATCH_PAUSED", "True", True),
    ("DISPATCH_PAUSED", "0", False),
    ("DISPATCH_PAUSED", "false", False),
    ("CHANNELS", "email, print", ["email", "print"]),
    ("CHANNELS", "", []),
    ("RETRY_STEPS", "1,2, 30", [1, 2, 30]),
    ("LINK_KEYS", '{"a": "secret"}', {"a": "secret"}),
    ("SEND_MARKS", "fast", "fast"),
    ("UNCERTAIN_POLICY", "at_most_once", "at_most_once"),
    ("ADMIN_SITE", "clinic.admin.site", "clinic.admin.site"),
    ("ADMIN_SITE", "false", False),
    ("ADMIN_SITE", "0", False),
]
# key, a value that JSON can carry and the key cannot hold
WRONG = [
    ("CLINIC_NAME", 5),
    ("FROM_EMAIL", ["a@example.org"]),
    ("LINK_DAYS", "7"),
    ("LINK_DAYS", 7.5),
    ("LINK_DAYS", True),
    ("RATE_PER_MINUTE", "many"),
    ("DISPATCH_PAUSED", 1),
    ("CHANNELS", "email"),
    ("CHANNELS", [1]),
    ("RETRY_STEPS", ["60"]),
    ("LINK_KEYS", ["secret"]),
    ("LINK_KEYS", {"a": 1}),
    ("SEND_MARKS", "quick"),
    ("ADMIN_SITE", True),
]
WRONG_IN_ENVIRONMENT = [
    ("LINK_DAYS", "soon"),
    ("LINK_DAYS", "7.5"),
    ("LINK_DAYS", ""),
    ("LINK_DAYS", "--7"),
    ("LINK_DAYS", "\N{SUPERSCRIPT TWO}"),
    ("RETRY_STEPS", "60,soon"),
    ("RETRY_STEPS", "\N{SUPERSCRIPT TWO}"),
    ("DISPATCH_PAUSED", "yes"),
    ("LINK_KEYS", "secret"),
    ("LINK_KEYS", '["secret"]'),
    ("SEND_MARKS", "quick"),
]


def test_the_plugins_own_block_comes_first(settings, monkeypatch):
    settings.RLS_MODULE = {"CLINIC_NAME": "block"}
    settings.PLUGIN_CONFIGS = {"rls_module": {"CLINIC_NAME": "loader"}}
    monkeypatch.setenv("RLS_MODULE_CLINIC_NAME", "environment")
    assert (conf.get("CLINIC_NAME"), conf.source_of("CLINIC_NAME")) == ("block", "RLS_MODULE")


def test_a_plugin_loaders_block_comes_before_the_environment(settings, monkeypatch):
    settings.RLS_MODULE = {}
    settings.PLUGIN_CONFIGS = {"rls_module": {"CLINIC_NAME": "loader"}, "other": {"CLINIC_NAME": "other"}}
    monkeypatch.setenv("RLS_MODULE_CLINIC_NAME", "environment")
    assert (conf.get("CLINIC_NAME"), conf.source_of("CLINIC_NAME")) == ("loader", "PLUGIN_CONFIGS")


def test_the_environment_comes_before_the_default(settings, monkeypatch):
    settings.RLS_MODULE = {}
    monkeypatch.setenv("RLS_MODULE_CLINIC_NAME", "environment")
    assert (conf.get("CLINIC_NAME"), conf.source_of("CLINIC_NAME")) == ("environment", "environment")


def test_the_default_holds_where_no_source_has_the_key(settings, monkeypatch):
    settings.RLS_MODULE = {}
    monkeypatch.delenv("RLS_MODULE_LINK_DAYS", raising=False)
    assert (conf.get("LINK_DAYS"), conf.source_of("LINK_DAYS")) == (30, "default")


def test_each_key_is_looked_for_by_itself(settings):
    settings.RLS_MODULE = {"CLINIC_NAME": "block"}
    settings.PLUGIN_CONFIGS = {"rls_module": {"CLINIC_NAME": "loader", "LINK_DAYS": 9}}
    assert (conf.get("CLINIC_NAME"), conf.get("LINK_DAYS")) == ("block", 9)


def test_an_empty_value_is_a_value(settings, monkeypatch):
    settings.RLS_MODULE = {"CLINIC_NAME": "", "FROM_EMAIL": None, "CHANNELS": []}
    monkeypatch.setenv("RLS_MODULE_CLINIC_NAME", "environment")
    monkeypatch.setenv("RLS_MODULE_FROM_EMAIL", "a@example.org")
    assert (conf.get("CLINIC_NAME"), conf.get("FROM_EMAIL"), conf.get("CHANNELS")) == ("", None, [])


def test_neither_block_is_needed(settings):
    del settings.RLS_MODULE
    assert conf.get("LINK_DAYS") == 30


def test_settings_are_read_live(settings, monkeypatch):
    settings.RLS_MODULE = {"LINK_DAYS": 1}
    assert conf.get("LINK_DAYS") == 1
    settings.RLS_MODULE = {"LINK_DAYS": 2}
    assert conf.get("LINK_DAYS") == 2
    settings.RLS_MODULE["LINK_DAYS"] = 3
    assert conf.get("LINK_DAYS") == 3
    settings.RLS_MODULE = {}
    monkeypatch.setenv("RLS_MODULE_LINK_DAYS", "4")
    assert conf.get("LINK_DAYS") == 4


@pytest.mark.parametrize(("key", "text", "value"), FROM_ENVIRONMENT)
def test_the_environment_is_read_by_the_keys_type(settings, monkeypatch, key, text, value):
    settings.RLS_MODULE = {}
    monkeypatch.setenv(f"RLS_MODULE_{key}", text)
    found = conf.get(key)
    assert (found, type(found)) == (value, type(value))
    assert list(conf.problems()) == []


def test_every_type_of_the_table_is_read_from_the_environment_here():
    kinds = {setting.name: str(setting.type) for setting in conf.TABLE}
    assert {kinds[key] for key, _, _ in FROM_ENVIRONMENT} == set(kinds.values())


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_a_value_of_the_wrong_type_is_refused_in_a_sentence(settings, key, value):
    settings.RLS_MODULE = {key: value}
    with pytest.raises(
        ImproperlyConfigured, match=rf"^RLS_MODULE\['{key}'\] \(from RLS_MODULE\) should be .+\. \w.+\."
    ):
        conf.get(key)
    [problem] = conf.problems()
    assert (problem.code, problem.name, problem.source) == ("type", key, "RLS_MODULE")


@pytest.mark.parametrize(("key", "text"), WRONG_IN_ENVIRONMENT)
def test_nonsense_in_the_environment_is_refused_in_a_sentence(settings, monkeypatch, key, text):
    settings.RLS_MODULE = {}
    monkeypatch.setenv(f"RLS_MODULE_{key}", text)
    with pytest.raises(ImproperlyConfigured, match=r"from environment\) should be "):
        conf.get(key)
    [problem] = conf.problems()
    assert (problem.code, problem.name, problem.source) == ("type", key, "environment")


def test_a_sentence_names_the_type_and_what_the_key_is_for(settings):
    settings.RLS_MODULE = {"LINK_DAYS": "7"}
    [problem] = conf.problems()
    assert problem.message == "RLS_MODULE['LINK_DAYS'] (from RLS_MODULE) should be int."
    assert problem.hint == "A link lives until its window's end, at most this many days."


def test_no_sentence_repeats_the_value(settings):
    """A wrongly typed value may be a secret."""
    settings.RLS_MODULE = {"LINK_KEYS": ["hunter2"], "STATUS_TOKEN": {"token": "hunter2"}}
    assert "hunter2" not in repr(list(conf.problems()))


def test_a_key_that_is_missing_and_needed_is_said_in_a_sentence(settings, monkeypatch):
    settings.RLS_MODULE = {}
    with pytest.raises(
        ImproperlyConfigured, match=r"^RLS_MODULE\['ADAPTER'\] is missing: Dotted path of the HostAdapt"
    ):
        conf.get("ADAPTER")


@pytest.mark.parametrize("source", ["RLS_MODULE", "PLUGIN_CONFIGS", "environment"])
def test_an_unknown_key_is_found_in_every_source_with_the_nearest_real_one(settings, monkeypatch, source):
    settings.RLS_MODULE = {"LINK_DAY": 3} if source == "RLS_MODULE" else {}
    settings.PLUGIN_CONFIGS = {"rls_module": {"LINK_DAY": 3}} if source == "PLUGIN_CONFIGS" else {}
    if source == "environment":
        monkeypatch.setenv("RLS_MODULE_LINK_DAY", "3")
    [problem] = conf.problems()
    assert (problem.code, problem.source, problem.hint) == ("unknown", source, "Did you mean LINK_DAYS?")
    assert problem.message == f"RLS_MODULE has no key 'LINK_DAY' (from {source})."


def test_a_key_like_no_other_leads_to_the_documentation(settings):
    settings.RLS_MODULE = {"XYZZY": 3}
    [problem] = conf.problems()
    assert problem.hint == "See the settings page of the documentation for all keys."


def test_the_pointer_that_django_writes_into_migrations_is_no_key(settings, monkeypatch):
    settings.RLS_MODULE = {}
    monkeypatch.setenv("RLS_MODULE_PATIENT_MODEL", "clinic.Patient")
    assert list(conf.problems()) == []
    assert conf.get("PATIENT_MODEL") == "clinic.Patient"


def test_a_key_that_is_not_in_the_table_cannot_be_asked_for():
    with pytest.raises(KeyError):
        conf.get("XYZZY")


@pytest.mark.parametrize("block", ["a string", ["a", "list"], 5])
@pytest.mark.parametrize("name", ["RLS_MODULE", "PLUGIN_CONFIGS"])
def test_a_block_that_is_no_table_is_a_problem_and_no_crash(settings, name, block):
    """A plugin loader hands over what its operator wrote."""
    setattr(settings, name, block if name == "RLS_MODULE" else {"rls_module": block})
    assert [problem.source for problem in conf.problems()] == [name]


@pytest.mark.parametrize("setting", conf.TABLE, ids=lambda setting: setting.name)
def test_every_default_has_its_keys_type_and_json_can_carry_it(setting, settings):
    assert setting.sentence.endswith(".")
    if setting.default is not conf.REQUIRED:
        settings.RLS_MODULE = {setting.name: json.loads(json.dumps(setting.default))}
        assert conf.get(setting.name) == setting.default
