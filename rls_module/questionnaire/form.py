"""The form: reads what a browser sent for a set of questions and says, in its language, what cannot stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.utils import translation
from django.utils.translation import gettext as _

from rls_module.knowledge.instruments import branching, entries
from rls_module.knowledge.instruments.branching import Question
from rls_module.knowledge.instruments.definition import MOST_SEVERAL, Item, Option, Wording
from rls_module.questionnaire.shown import Given, Shown, Target, is_list, show, spelled

Answers = Mapping[str, object]

_BLANK = " \t\n"
_WRITTEN = ("text", "number", "date", "time", "moment", "url")
_WHOLE_MINUTE = re.compile(r"^(.*\d\d:\d\d):00(?:\.0+)?$")  # as some browsers send a time


def form_for(
    questions: Iterable[Question],
    *,
    words: Wording,
    data: Mapping[str, Any] | None = None,
    initial: Answers | None = None,
    prefix: str | None = None,
) -> QuestionForm:
    """Return the form that asks exactly these questions, in these words and this language.

    `questions` come from `branching.questions` or from one of `branching.pages`; the same form serves one page of a
    patient and a whole instrument of a therapist. `initial` are stored answers; nothing else is ever pre-selected
    but what the instrument itself says, on a page that nobody answered yet.
    A field is named as its question, behind `prefix`; what the data holds beyond that is ignored.
    Raises ValueError when a question's words need a piped text that it was not given.
    """
    return QuestionForm(tuple(questions), words, data=data, initial=dict(initial or {}), prefix=prefix)


def shown(
    questions: Iterable[Question], *, words: Wording, answers: Answers | None = None, prefix: str | None = None
) -> tuple[Shown, ...]:
    """Return what a template shows of these questions without building a form: the cheap way for a first look."""
    asked = tuple(questions)
    given = Given(_before(asked, answers or {}))
    return tuple(show(question, words, given=given, prefix=prefix or "") for question in asked)


def answers_from(form: QuestionForm) -> dict[str, object]:
    """Return the answers given in a form that was validated: question name -> plain JSON value.

    Unanswered questions are left out, never 0 or empty. Of a form with errors the answers without one are returned.
    """
    return {name: value for name, value in form.cleaned_data.items() if not branching.is_empty(value)}


class QuestionForm(forms.Form):
    """The questions of one page or one instrument. Render `shown`; head the page with `problems`."""

    default_renderer = DjangoTemplates  # a host's FORM_RENDERER has no say here
    use_required_attribute = False

    def __init__(self, questions: tuple[Question, ...], words: Wording, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.questions = questions
        self.words = words
        for question in questions:
            if not question.item.is_asked:
                continue
            self.fields[question.name] = AnswerField(question.item, words)
            for option in _opening(question.item):
                self.fields[_text_name(question, option)] = TextField(option.max_length or 0, words)

    @property
    def shown(self) -> tuple[Shown, ...]:
        """The questions as they stand now: with what was sent, else with the answers known before."""
        given = Given(self._given(), errors={name: str(found[0]) for name, found in self.errors.items()})
        return tuple(show(question, self.words, given=given, prefix=self.prefix or "") for question in self.questions)

    @property
    def problems(self) -> tuple[Target, ...]:
        """What to look at again, in the order of the page, each with the id of the control to go to."""
        return tuple(target for question in self.shown for target in question.problems)

    def clean(self) -> dict[str, Any]:
        """Let words written for "something else" count as having picked it, unless another answer forbids that."""
        with translation.override(self.words.language):
            for question in self.questions:
                for option in _opening(question.item):
                    self._pick_for_text(question, option)
        return self.cleaned_data

    def _pick_for_text(self, question: Question, option: Option) -> None:
        if branching.is_empty(self.cleaned_data.get(_text_name(question, option))):
            return
        if self.has_error(question.name, "required"):
            del self.errors[question.name]
            self.cleaned_data[question.name] = None
        if question.name not in self.cleaned_data:
            return
        together = _joined(question.item, self.cleaned_data[question.name], option)
        if together is None:
            said = _written_beside(question.item, option, self.words)
            self.add_error(question.name, ValidationError(said, "exclusive"))
        else:
            self.cleaned_data[question.name] = together

    def _given(self) -> dict[str, str | list[str]]:
        if not self.is_bound:
            return _before(self.questions, self.initial)
        return {name: _as_text(self[name].data) for name in self.fields}


class AnswerField(forms.Field):
    """One answer: text from the browser in, the answer as it is stored out, None when there is none."""

    def __init__(self, item: Item, words: Wording) -> None:
        super().__init__(required=item.required, widget=forms.SelectMultiple if is_list(item) else None)
        self.item = item
        self.words = words

    def clean(self, value: Any) -> object:
        """Return what was sent as it is stored; raises ValidationError, in the form's language, if it cannot stand."""
        answer = _typed(self.item, value)
        wrong = None if answer in (None, "", []) else branching.problem(self.item, answer)
        if wrong is None and self.required and branching.is_empty(answer):
            wrong = "required"
        if wrong:
            raise ValidationError(_message(wrong, self.item, self.words, answer), wrong)
        return None if branching.is_empty(answer) else answer


class TextField(forms.Field):
    """The words written for one option; empty when there are none. Nothing is cut off and nothing taken out."""

    def __init__(self, limit: int, words: Wording) -> None:
        super().__init__(required=False)
        self.limit = limit
        self.words = words

    def clean(self, value: Any) -> str:
        """Return the text; raises ValidationError, in the form's language, if it cannot stand."""
        text = _tidy(value)
        wrong = branching.text_problem(text, max_length=self.limit)
        if wrong:
            raise ValidationError(_text_message(wrong, self.limit, self.words, text), wrong)
        return "" if branching.is_empty(text) else text


def _before(questions: tuple[Question, ...], answers: Answers) -> dict[str, str | list[str]]:
    """Return what stands in the controls of an unsent page: the answers, or what an instrument fills in itself."""
    own = {
        question.name: list(item.initial) if is_list(item) else item.initial[0]
        for question in questions
        if (item := question.item).initial and not any(one.name in answers for one in questions)
    }
    return {name: _as_text(value) for name, value in {**own, **answers}.items()}


def _opening(item: Item) -> Iterator[Option]:
    return (option for option in item.options if option.max_length is not None)


def _text_name(question: Question, option: Option) -> str:
    return f"{question.name}.{option.name}"


def _as_text(value: object) -> str | list[str]:
    """Return an answer, or what a browser sent, as the text of its controls."""
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return "" if value is None else str(value)


def _tidy(value: object) -> str:
    """Return a text with plain line breaks and no blanks around it; what is not a text at all counts as none."""
    text = value if isinstance(value, str) else ""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(_BLANK)


def _typed(item: Item, value: object) -> object:
    """Return what was sent as the answer it stands for; what stands for none is returned as it came."""
    match item.kind:
        case _ if item.several:
            sent = value if isinstance(value, list | tuple) else []
            typed = (_one_typed(item, one) for one in sent)
            return [one for one in typed if not branching.is_empty(one)]
        case "multi":
            sent = [str(one) for one in value if one] if isinstance(value, list | tuple) else []
            known = [option for option in item.options if option.name in sent]
            strange = [one for one in sent if one not in {option.name for option in known}]
            return [option.key for option in known] + strange
        case "count" | "scale":
            return {str(number): number for number in item.numbers}.get(str(value or ""), value)
        case "choice" | "clock":
            return next((option.key for option in item.choices if option.name == value), value)
    return _one_typed(item, value)


def _one_typed(item: Item, value: object) -> object:
    """Return what was typed into one box; what is no number stays as it was typed, to be shown again."""
    text = _tidy(value)
    if item.kind == "number":
        found = entries.number(text)
        return text if found is None else found
    if item.kind in ("time", "moment"):
        return _WHOLE_MINUTE.sub(r"\1", text)
    return text


def _joined(item: Item, value: object, option: Option) -> object | None:
    """Return the answer with this option picked as well, or None where the two cannot stand together."""
    if branching.is_empty(value):
        return [option.key] if item.kind == "multi" else option.key
    if value == option.key:
        return value
    if not isinstance(value, list):
        return None
    together = [one.key for one in item.options if one.key in (*value, option.key)]
    return None if branching.problem(item, together) else together


def _message(code: str, item: Item, words: Wording, answer: object) -> str:
    if code in ("too_long", "control_char") or (item.kind == "text" and code == "wrong_type"):
        longest = max(answer, key=len) if isinstance(answer, list) else answer
        return _text_message(code, item.max_length or 0, words, str(longest))
    with translation.override(words.language):
        match code:
            case "required" if item.kind in _WRITTEN:
                said = _("Please write an answer.")
            case "required":
                said = _("Please choose an answer.")
            case "out_of_range" if item.kind in _WRITTEN:
                said = _range_message(item)
            case "wrong_type" if item.kind == "number":
                said = _("Please write a number.")
            case "too_precise":
                said = (
                    _("Please write a whole number.")
                    if not item.decimals
                    else _("Digits after the point: at most %(places)d.") % {"places": item.decimals}
                )
            case "not_a_moment":
                said = {
                    "date": _("Please write a day, as 2026-03-01."),
                    "time": _("Please write a time, as 22:30."),
                    "moment": _("Please write a day and a time, as 2026-03-01T22:30."),
                }[item.kind]
            case "too_many":
                said = _("Please write at most %(most)d answers.") % {"most": MOST_SEVERAL}
            case "not_an_address":
                said = _("Please write a whole web address, as https://example.org.")
            case "exclusive":
                alone = next(option for option in item.options if option.exclusive)
                label = words.items[item.key].label(alone.key)
                said = _("“%(answer)s” cannot stand together with another answer.") % {"answer": label}
            case _:
                said = _("Please choose one of the answers shown.")
    return words.messages.get(code, said)


def _range_message(item: Item) -> str:
    ends = {"min": _spelled(item, item.min), "max": _spelled(item, item.max)}
    is_number = item.kind == "number"
    if not ends["min"] and not ends["max"]:
        return _("Please write a smaller number.")
    if not ends["max"]:
        return (_("Please write %(min)s or more.") if is_number else _("Please write %(min)s or later.")) % ends
    if not ends["min"]:
        return (_("Please write %(max)s or less.") if is_number else _("Please write %(max)s or earlier.")) % ends
    return _("Please write something from %(min)s to %(max)s.") % ends


def _spelled(item: Item, value: object) -> str:
    return "" if value is None else spelled(item, value)


def _text_message(code: str, limit: int, words: Wording, text: str) -> str:
    with translation.override(words.language):
        if code == "too_long":
            said = _("This has %(length)d characters; at most %(limit)d fit. Please shorten it. Nothing was cut off.")
            return said % {"length": len(text), "limit": limit}
        return _("This contains characters that cannot be stored. Please type the text again.")


def _written_beside(item: Item, option: Option, words: Wording) -> str:
    label = words.items[item.key].label(option.key)
    return _("You wrote something beside “%(answer)s”. Pick it too, or clear what you wrote.") % {"answer": label}
