"""The shape of a Questionnaire in FHIR R4: what is read of it, what is known and not needed, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

_HL7 = "http://hl7.org/fhir/StructureDefinition/"
MIN_VALUE = f"{_HL7}minValue"
MAX_VALUE = f"{_HL7}maxValue"
ORDINAL = f"{_HL7}ordinalValue"
CONTROL = f"{_HL7}questionnaire-itemControl"
EXCLUSIVE = f"{_HL7}questionnaire-optionExclusive"
CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
UNIT = f"{_HL7}questionnaire-unit"
PLACES = f"{_HL7}maxDecimalPlaces"
UNDERSTOOD = frozenset({MIN_VALUE, MAX_VALUE, ORDINAL, CONTROL, EXCLUSIVE, UNIT, PLACES})

# Of these a question depends, and here it would be asked as if they were not there.
DECISIVE = (
    "hidden", "constraint", "enablewhenexpression", "calculatedexpression", "calculatedvalue", "initialexpression",
    "answerexpression", "candidateexpression", "variable", "maxoccurs", "minoccurs", "regex", "minlength", "unitoption",
    "unitvalueset",
)  # fmt: skip

Operator = Literal["exists", "=", "!=", ">", "<", ">=", "<="]
Unused = Any  # R4 knows it, an instrument has no use for it


def _absent(value: Any) -> Any:
    if value:
        raise ValueError("changes what is asked, and is not read")
    return value


Absent = Annotated[Any, AfterValidator(_absent)]


class Element(BaseModel):
    """A part of a resource. A key that R4 does not know here is a mistake; what begins with `_` adds to a word."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel)

    @model_validator(mode="before")
    @classmethod
    def _without_additions(cls, raw: Any) -> Any:
        """Drop `_text` and its like, and the comments that R4's JSON once had."""
        return {name: one for name, one in raw.items() if name[:1] != "_"} if isinstance(raw, dict) else raw


class Coding(Element):
    """A code with the words for it."""

    code: str = ""
    display: str = ""
    extension: tuple[Extension, ...] = ()
    id: Unused = None
    system: Unused = None
    version: Unused = None
    user_selected: Unused = None


class CodeableConcept(Element):
    """A concept by its codes."""

    coding: tuple[Coding, ...] = ()
    extension: Unused = None
    id: Unused = None
    text: Unused = None


class Quantity(Element):
    """A number with its unit."""

    value: int | float | None = None
    unit: str = ""
    code: str = ""
    system: Unused = None
    comparator: Absent = None
    extension: Unused = None
    id: Unused = None


class Extension(BaseModel):
    """What somebody added to R4: its address, and a value where it is of a kind that is understood."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, alias_generator=to_camel)

    url: str
    value_integer: int | None = None
    value_decimal: int | float | None = None
    value_boolean: bool | None = None
    value_date: str | None = None
    value_date_time: str | None = None
    value_time: str | None = None
    value_coding: Coding | None = None
    value_codeable_concept: CodeableConcept | None = None


class AnswerOption(Element):
    """One answer to pick."""

    value_coding: Coding | None = None
    value_string: str | None = None
    value_integer: int | None = None
    value_date: str | None = None
    value_time: str | None = None
    value_reference: Unused = None
    initial_selected: bool = False
    extension: tuple[Extension, ...] = ()
    modifier_extension: Absent = ()
    id: Unused = None


class EnableWhen(Element):
    """One condition for an item."""

    question: str
    operator: Operator
    answer_boolean: bool | None = None
    answer_integer: int | None = None
    answer_decimal: int | float | None = None
    answer_string: str | None = None
    answer_coding: Coding | None = None
    answer_date: str | None = None
    answer_date_time: str | None = None
    answer_time: str | None = None
    answer_quantity: Quantity | None = None
    answer_reference: Unused = None
    extension: Unused = None
    modifier_extension: Absent = ()
    id: Unused = None


class Initial(Element):
    """What stands in an answer before anybody gave one."""

    value_boolean: bool | None = None
    value_integer: int | None = None
    value_decimal: int | float | None = None
    value_string: str | None = None
    value_coding: Coding | None = None
    value_date: str | None = None
    value_date_time: str | None = None
    value_time: str | None = None
    value_uri: str | None = None
    value_quantity: Quantity | None = None
    value_reference: Absent = None
    value_attachment: Absent = None
    extension: Unused = None
    modifier_extension: Absent = ()
    id: Unused = None


class Item(Element):
    """A group, a text to read, or a question."""

    link_id: str = Field(min_length=1)
    type: str
    text: str = ""
    required: bool = False
    repeats: bool = False
    enable_when: tuple[EnableWhen, ...] = ()
    enable_behavior: Literal["all", "any"] | None = None
    max_length: int | None = None
    answer_value_set: str | None = None
    answer_option: tuple[AnswerOption, ...] = ()
    item: tuple[Item, ...] = ()
    extension: tuple[Extension, ...] = ()
    modifier_extension: Absent = ()
    read_only: Absent = False
    initial: tuple[Initial, ...] = ()
    id: Unused = None
    definition: Unused = None
    code: Unused = None
    prefix: str = ""


class Questionnaire(Element):
    """The resource."""

    resource_type: Literal["Questionnaire"]
    status: Literal["active"]
    item: tuple[Item, ...] = Field(min_length=1)
    id: str = ""
    url: str = ""
    name: str = ""
    title: str = ""
    version: str = ""
    language: str = "en"
    publisher: str = ""
    copyright: str = ""
    extension: tuple[Extension, ...] = ()
    modifier_extension: Absent = ()
    implicit_rules: Absent = None
    contained: Absent = ()
    meta: Unused = None
    text: Unused = None
    identifier: Unused = None
    derived_from: Unused = None
    experimental: Unused = None
    subject_type: Unused = None
    date: Unused = None
    contact: Unused = None
    description: Unused = None
    use_context: Unused = None
    jurisdiction: Unused = None
    purpose: Unused = None
    approval_date: Unused = None
    last_review_date: Unused = None
    effective_period: Unused = None
    code: Unused = None


def of_kind(extensions: Iterable[Extension], url: str) -> Extension | None:
    """Return the first extension with this address."""
    return next((one for one in extensions if one.url == url), None)


def control_of(item: Item) -> str:
    """Return the code of the item's control (slider, help, lower, upper), or nothing."""
    found = of_kind(item.extension, CONTROL)
    codings = found.value_codeable_concept.coding if found and found.value_codeable_concept else ()
    return codings[0].code if codings else ""


for _shape in (Coding, CodeableConcept, Quantity, Extension, AnswerOption, EnableWhen, Initial, Item, Questionnaire):
    _shape.model_rebuild()
