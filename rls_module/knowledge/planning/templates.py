"""The plan templates that are shipped; a clinic gets a copy of them and edits that. A plan copies its template."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from rls_module.knowledge.files import KEY_PATTERN, Frozen, KnowledgeError, read_toml, repeated, shaped
from rls_module.knowledge.planning import education

DATA = Path(__file__).parent / "data"

Key = Annotated[str, Field(pattern=KEY_PATTERN, max_length=40)]
Modality = Literal["needling", "fascial", "exercise", "education", "other"]
LONGEST_NOTE, LONGEST_TEXT = 400, 2000
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class Treatment(Frozen):
    """One kind of treatment, in the order it leads; what it is aimed at comes from the examination."""

    modality: Modality
    note: str = Field(default="", max_length=LONGEST_NOTE)


class Template(Frozen):
    """What a plan begins from: how often and how long, when it is looked at again, what is done and explained."""

    key: Key
    name: str = Field(min_length=1, max_length=80)
    times_per_week: int = Field(ge=1, le=7)
    weeks: int = Field(ge=1, le=52)
    planned_sessions: int = Field(ge=1, le=100)
    review_weeks: int = Field(ge=1, le=52)
    interventions: tuple[Treatment, ...] = Field(min_length=1, max_length=8)
    precautions: Text
    topics: tuple[Key, ...] = ()
    education: Text
    discharge_criteria: Text


class Templates(Frozen):
    """A file of templates."""

    source: str = Field(min_length=1)
    templates: tuple[Template, ...] = Field(min_length=1)


@cache
def shipped() -> tuple[Template, ...]:
    """Return the shipped templates in order; raises KnowledgeError if their file holds a mistake."""
    path = DATA / "plan_templates.v1.toml"
    read = shaped(Templates, read_toml(path), file=path.name)
    if (key := repeated(one.key for one in read.templates)) is not None:
        raise KnowledgeError(path.name, f"templates.{key}", "is a key used twice")
    for one in read.templates:
        if repeated(row.modality for row in one.interventions) is not None:
            raise KnowledgeError(path.name, f"templates.{one.key}.interventions", "names one kind of treatment twice")
        if len(education.named(one.topics)) < len(one.topics):
            raise KnowledgeError(path.name, f"templates.{one.key}.topics", "names a topic twice, or one that is none")
    return read.templates
