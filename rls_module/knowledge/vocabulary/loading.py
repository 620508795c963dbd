"""Vocabularies out of files, checked before they are used; of each the newest version."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from rls_module.knowledge.files import KnowledgeError, read_toml, repeated, shaped
from rls_module.knowledge.vocabulary.definition import (
    BodyChart,
    BodyTest,
    BodyTests,
    Criteria,
    Criterion,
    Medicine,
    Medicines,
    Mimic,
    Mimics,
    Muscle,
    MuscleGroup,
    Muscles,
    RedFlag,
    RedFlags,
    Region,
    Regions,
    SideEffect,
)

DATA = Path(__file__).parent / "data"


@cache
def muscles() -> tuple[Muscle, ...]:
    """Return all muscles, region by region from the foot up; retired ones too, as old notes name them."""
    return load_muscles(newest("muscles")).muscles


@cache
def muscle_groups() -> tuple[MuscleGroup, ...]:
    """Return the regions that muscles are listed under, from the foot up."""
    return load_muscles(newest("muscles")).groups


def muscle(key: str) -> Muscle:
    """Return the muscle with this key; raises KeyError if there is none."""
    return _by_key()[key]


@cache
def regions() -> tuple[Region, ...]:
    """Return the regions of the body chart from the head down; retired ones too, as old notes name them."""
    return load_regions(newest("regions")).regions


@cache
def criteria() -> tuple[Criterion, ...]:
    """Return the essential criteria E1 to E5."""
    return load_criteria(newest("criteria")).criteria


def citation(source: str) -> str:
    """Return the publication that a criterion's source key stands for; raises KeyError if there is none."""
    return _citations()[source]


@cache
def medicines() -> tuple[Medicine, ...]:
    """Return all medicines; retired ones too, as old records name them."""
    return _medicines().medicines


@cache
def side_effects() -> tuple[SideEffect, ...]:
    """Return the side effects that can be picked, in order."""
    return _medicines().side_effects


@cache
def mimics() -> tuple[Mimic, ...]:
    """Return what can look like restless legs, in the order of the checklist."""
    path = newest("mimics")
    loaded = shaped(Mimics, read_toml(path), file=path.name)
    _no_duplicate((one.key for one in loaded.mimics), file=path.name, table="mimics")
    return loaded.mimics


@cache
def red_flags() -> tuple[RedFlag, ...]:
    """Return the signs that must go to a physician, the most pressing first."""
    path = newest("red_flags")
    loaded = shaped(RedFlags, read_toml(path), file=path.name)
    _no_duplicate((one.key for one in loaded.red_flags), file=path.name, table="red_flags")
    return loaded.red_flags


@cache
def body_chart() -> BodyChart:
    """Return the figures of the body chart and the shapes of its regions."""
    path = newest("body_chart")
    loaded = shaped(BodyChart, read_toml(path), file=path.name)
    unknown = {one.region for one in loaded.shapes} - {one.key for one in regions()}
    if unknown:
        raise KnowledgeError(path.name, "shapes", f"{min(unknown)!r} is no region")
    return loaded


@cache
def body_tests() -> BodyTests:
    """Return the tests of an examination with their groups, answers and patterns."""
    path = newest("tests")
    loaded = shaped(BodyTests, read_toml(path), file=path.name)
    for table in ("groups", "options", "tests", "patterns"):
        _no_duplicate((one.key for one in getattr(loaded, table)), file=path.name, table=table)
    return loaded


def body_test(key: str) -> BodyTest:
    """Return the test with this key; raises KeyError if there is none."""
    return {one.key: one for one in body_tests().tests}[key]


def load_muscles(path: Path) -> Muscles:
    """Return a muscle file; raises KnowledgeError for the first mistake."""
    loaded = shaped(Muscles, read_toml(path), file=path.name)
    _no_duplicate((group.key for group in loaded.groups), file=path.name, table="groups")
    _no_duplicate((muscle.key for muscle in loaded.muscles), file=path.name, table="muscles")
    groups = {group.key for group in loaded.groups}
    for one in loaded.muscles:
        if one.region not in groups:
            raise KnowledgeError(path.name, f"muscles.{one.key}.region", f"{one.region!r} is not among the groups")
        if alias := repeated(alias.casefold() for alias in one.aliases):
            raise KnowledgeError(path.name, f"muscles.{one.key}.aliases", f"{alias!r} comes up twice")
    return loaded


def load_regions(path: Path) -> Regions:
    """Return a region file; raises KnowledgeError for the first mistake."""
    loaded = shaped(Regions, read_toml(path), file=path.name)
    _no_duplicate((region.key for region in loaded.regions), file=path.name, table="regions")
    return loaded


def load_criteria(path: Path) -> Criteria:
    """Return a criteria file; raises KnowledgeError for the first mistake."""
    loaded = shaped(Criteria, read_toml(path), file=path.name)
    _no_duplicate((source.key for source in loaded.sources), file=path.name, table="sources")
    known = {source.key for source in loaded.sources}
    for criterion in loaded.criteria:
        for source in criterion.sources:
            if source not in known:
                raise KnowledgeError(path.name, f"criteria.{criterion.key}.sources", f"{source!r} is not a source")
    return loaded


def newest(name: str, data: Path = DATA) -> Path:
    """Return the file with the highest version of a vocabulary."""
    return max(data.glob(f"{name}.v*.toml"), key=lambda path: int(path.name.split(".")[1].removeprefix("v")))


@cache
def _medicines() -> Medicines:
    path = newest("medications")
    loaded = shaped(Medicines, read_toml(path), file=path.name)
    _no_duplicate((one.key for one in loaded.medicines), file=path.name, table="medicines")
    _no_duplicate((one.key for one in loaded.side_effects), file=path.name, table="side_effects")
    return loaded


@cache
def _by_key() -> dict[str, Muscle]:
    return {one.key: one for one in muscles()}


@cache
def _citations() -> dict[str, str]:
    return {source.key: source.citation for source in load_criteria(newest("criteria")).sources}


def _no_duplicate(keys: Iterable[str], *, file: str, table: str) -> None:
    if (key := repeated(keys)) is not None:
        raise KnowledgeError(file, f"{table}.{key}", "is a key used twice")
