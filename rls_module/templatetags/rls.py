"""What our templates need beyond Django: fields in our own markup, numbers to call, assets that never fail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django import forms, template
from django.conf import settings
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.utils import flatatt
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from rls_module.host import Brand
from rls_module.questionnaire import Choice, Target

register = template.Library()

_NUMBER = re.compile(r"\{(emergency_number|crisis_line|clinic_phone)\}")
_UNMARKED = mark_safe("")
_CHECKED = mark_safe(" checked")
_SELECTED = mark_safe(" selected")


@dataclass(frozen=True, slots=True)
class Control:
    """A plain field as partials/field.html draws it."""

    shape: str  # hidden, choices, tick, select, area, input
    type: str
    name: str
    id: str
    label: str
    hint: str
    error: str
    need: str  # "optional" or "required", said only of the fewer
    value: str
    choices: tuple[Choice, ...]
    marks: SafeString


@register.filter
def control(field: forms.BoundField) -> Control:
    """Return what field.html draws of a bound field. Only the widget's own data is used, never its template."""
    widget = field.field.widget
    drawn = widget.get_context(field.html_name, field.value(), widget.attrs)["widget"]
    shape = _shape(widget)
    own_id = str(field.auto_id or "")
    error = str(field.errors[0]) if field.errors else ""
    return Control(
        shape=shape,
        type=getattr(widget, "input_type", None) or "text",
        name=field.html_name,
        id=own_id,
        label=str(field.label or ""),
        hint=str(field.help_text or ""),
        error=error,
        need=_need(field),
        value="" if drawn.get("value") is None else str(drawn["value"]),
        choices=_choices(drawn, own_id, mark=_SELECTED if shape == "select" else _CHECKED),
        marks=_marks(
            drawn,
            shape,
            own_id,
            is_radio=isinstance(widget, forms.RadioSelect),
            has_hint=bool(field.help_text),
            error=error,
        ),
    )


@register.filter
def problems(form: forms.BaseForm) -> tuple[Target, ...]:
    """Return the error summary's lines of a plain form: its own problems first, then its fields' in order."""
    whole = tuple(Target("", str(error)) for error in form.non_field_errors())
    fields = (field for field in form if field.errors)
    return whole + tuple(Target(_first_id(field), str(field.errors[0]), str(field.label)) for field in fields)


@register.filter
def tel(number: str) -> str:
    """Return the address that calls a number as people write it."""
    return "tel:" + re.sub(r"[^0-9+*#]", "", str(number))


@register.filter
def with_numbers(sentence: str, brand: Brand) -> SafeString:
    """Return a sentence with its places for the clinic's numbers filled in, each of them a link that calls."""
    numbers = {
        "emergency_number": brand.emergency_number,
        "crisis_line": brand.crisis_line,
        "clinic_phone": brand.phone,
    }
    escaped = str(conditional_escape(sentence))
    return mark_safe(_NUMBER.sub(lambda place: _call(numbers[place[1]]), escaped))  # noqa: S308 - escaped above


@register.simple_tag
def asset(path: str) -> str:
    """Return the address of a static file, also where static files were never collected: an error page must show."""
    try:
        return static(path)
    except ValueError:
        return urljoin(settings.STATIC_URL or "/", path)


def _call(number: str) -> str:
    return format_html('<a href="{}">{}</a>', tel(number), number) if number else ""


def _need(field: forms.BoundField) -> str:
    others = field.form.fields.values()
    if sum(other.required for other in others) * 2 > len(others):
        return "" if field.field.required else _("optional")
    return _("required") if field.field.required else ""


def _shape(widget: forms.Widget) -> str:
    match widget:
        case forms.RadioSelect() | forms.CheckboxSelectMultiple():
            return "choices"
        case forms.Select():
            return "select"
        case forms.Textarea():
            return "area"
        case forms.CheckboxInput():
            return "tick"
        case _:
            return "hidden" if widget.is_hidden else "input"


def _choices(drawn: dict[str, Any], own_id: str, *, mark: SafeString) -> tuple[Choice, ...]:
    options = [option for _name, members, _place in drawn.get("optgroups", ()) for option in members]
    if mark is _CHECKED:  # Django's dashes stand for "nothing picked", which a group of buttons shows by itself
        options = [option for option in options if option["value"] or option["label"] != BLANK_CHOICE_DASH[0][1]]
    return tuple(
        Choice(
            value="" if option["value"] is None else str(option["value"]),
            label=str(option["label"]),
            id=f"{own_id}_{place}",
            marks=mark if option["selected"] else _UNMARKED,
        )
        for place, option in enumerate(options)
    )


def _marks(drawn: dict[str, Any], shape: str, own_id: str, *, is_radio: bool, has_hint: bool, error: str) -> SafeString:
    described = [f"{own_id}_{part}" for part, there in (("hint", has_hint), ("error", error)) if there]
    is_group = shape == "choices"
    kept = {} if is_group else {k: v for k, v in drawn["attrs"].items() if k not in ("maxlength", "required", "style")}
    own = {
        "id": None if is_group else own_id,
        "role": "radiogroup" if is_radio else None,
        "aria-describedby": " ".join(described) or None,
        "aria-invalid": "true" if error and (is_radio or not is_group) else None,
    }
    return flatatt({key: value for key, value in (kept | own).items() if value is not None})


def _first_id(field: forms.BoundField) -> str:
    return f"{field.auto_id}_0" if _shape(field.field.widget) == "choices" else str(field.auto_id)
