"""The shipped vocabularies are whole, and a mistake in one is named."""

from __future__ import annotations

import pytest

from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.vocabulary import loading
from rls_module.knowledge.vocabulary.definition import DANGER_CAUTIONS

GROUP = '[[groups]]\nkey = "foot"\nenglish = "Foot"\nspanish = "Pie"\n'
MUSCLE = '[[muscles]]\nkey = "soleus"\nlatin = "soleus"\nenglish = "soleus"\nregion = "foot"\n'
REGION = '[[regions]]\nkey = "calf"\nenglish = "Calf"\nspanish = "Pantorrilla"\nsides = ["L", "R"]\n'
SOURCE = '[[sources]]\nkey = "paper"\ncitation = "A paper"\n'


def criterion(key, source="paper"):
    words = 'english = "a"\nspanish = "a"\nmodifier_english = "a"\nmodifier_spanish = "a"\n'
    return f'[[criteria]]\nkey = "{key}"\n{words}sources = ["{source}"]\n'


CRITERIA = "".join(map(criterion, ("E1", "E2", "E3", "E4", "E5")))


def test_muscles_regions_and_criteria_are_all_there():
    assert (len(loading.muscles()), len(loading.regions())) == (89, 29)
    assert [one.key for one in loading.criteria()] == ["E1", "E2", "E3", "E4", "E5"]


@pytest.mark.parametrize(
    ("key", "cautions"),
    [
        ("tibialis_anterior", ("nerve", "vessel")),
        ("popliteus", ("nerve", "vessel", "popliteal")),
        ("quadratus_lumborum", ("kidney", "pleura")),
        ("rectus_abdominis", ("peritoneum",)),
        ("psoas_major", ("nerve", "vessel", "kidney", "peritoneum")),
        ("levator_ani", ("pelvic_floor",)),
        ("intercostales", ("pleura", "not_needled")),
        ("piriformis", ("nerve", "vessel")),
        ("deltoideus", ()),
    ],
)
def test_muscle_has_its_cautions(key, cautions):
    muscle = loading.muscle(key)
    assert muscle.cautions == cautions
    assert muscle.needs_competence is bool(DANGER_CAUTIONS & set(cautions))


def test_every_muscle_of_thorax_abdomen_and_pelvis_needs_competence():
    deep = [one for one in loading.muscles() if one.region in ("thorax_back", "abdomen", "pelvis")]
    assert [one.key for one in deep if not one.needs_competence] == []


def test_only_diaphragm_is_in_the_midline_and_usually_not_needled_like_the_intercostals():
    assert [one.key for one in loading.muscles() if one.midline] == ["diaphragma"]
    assert [one.key for one in loading.muscles() if not one.is_usually_needled] == ["intercostales", "diaphragma"]


def test_every_muscle_group_has_muscles():
    assert {one.region for one in loading.muscles()} == {group.key for group in loading.muscle_groups()}


def test_no_two_muscles_share_an_alias():
    aliases = [alias for one in loading.muscles() for alias in one.aliases]
    assert sorted(aliases) == sorted(set(aliases))


def test_legs_have_two_sides_and_head_and_sacrum_one_middle():
    sides = {region.key: region.sides for region in loading.regions()}
    assert (sides["calf"], sides["sacrum"], sides["head_neck"]) == (("L", "R"), ("M",), ("M",))


def test_exclusion_is_the_clinicians_alone_and_has_its_source():
    assert [one.key for one in loading.criteria() if one.clinician_only] == ["E5"]
    assert "Hening" in loading.citation(loading.criteria()[4].sources[-1])


def test_unknown_muscle_is_a_key_error():
    with pytest.raises(KeyError):
        loading.muscle("nose")


@pytest.mark.parametrize(
    ("load", "content", "path", "reason"),
    [
        (loading.load_muscles, GROUP + MUSCLE + MUSCLE, "muscles.soleus", "is a key used twice"),
        (loading.load_muscles, GROUP + GROUP + MUSCLE, "groups.foot", "is a key used twice"),
        (loading.load_muscles, GROUP + MUSCLE + 'side = "L"\n', "muscles.soleus.side", "is not a known key here"),
        (loading.load_muscles, GROUP + MUSCLE.replace('"foot"', '"calf"'), "muscles.soleus.region", "'calf' is not"),
        (
            loading.load_muscles,
            GROUP + MUSCLE + 'cautions = ["heat"]\n',
            "muscles.soleus.cautions.0",
            "input should be",
        ),
        (loading.load_muscles, GROUP + MUSCLE + 'aliases = ["S", "s"]\n', "muscles.soleus.aliases", "'s' comes up"),
        (loading.load_muscles, GROUP + MUSCLE.replace('latin = "soleus"\n', ""), "muscles.soleus.latin", "is missing"),
        (loading.load_regions, REGION + REGION, "regions.calf", "is a key used twice"),
        (loading.load_regions, REGION.replace('"R"', '"X"'), "regions.calf.sides.1", "input should be 'L', 'R', 'B'"),
        (loading.load_regions, REGION.replace("Pantorrilla", ""), "regions.calf.spanish", "should have at least 1"),
        (loading.load_criteria, SOURCE + criterion("E1"), "", "are not E1 to E5 in this order"),
        (loading.load_criteria, SOURCE + CRITERIA.replace('["paper"]', '["blog"]'), "criteria.E1.sources", "'blog' is"),
        (loading.load_criteria, SOURCE + SOURCE + CRITERIA, "sources.paper", "is a key used twice"),
    ],
)
def test_seeded_mistake_is_named(tmp_path, load, content, path, reason):
    file = tmp_path / "seeded.v1.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load(file)
    assert (caught.value.file, caught.value.path) == ("seeded.v1.toml", path)
    assert reason in caught.value.reason


def test_newest_version_counts_by_number(tmp_path):
    for name in ("muscles.v2.toml", "muscles.v10.toml", "regions.v11.toml"):
        (tmp_path / name).touch()
    assert loading.newest("muscles", tmp_path).name == "muscles.v10.toml"
