"""The form: reads what a browser sent for a set of questions and says, in its language, what cannot stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.utils import translation
from django.utils.translation import gettext as _

from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.branching import Question
from rls_module.knowledge.instruments.definition import Item, Option, Wording
from rls_module.questionnaire.shown import Given, Shown, Target, show

Answers = Mapping[str, object]

_BLANK = " \t\n"


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
    patient and a whole instrument of a therapist. `initial` are stored answers; nothing else is ever pre-selected.
    A field is named as its question, behind `prefix`; what the data holds beyond that is ignored.
    Raises ValueError when a question's words need a piped text that it was not given.
    """
    return QuestionForm(tuple(questions), words, data=data, initial=dict(initial or {}), prefix=prefix)


def shown(
    questions: Iterable[Question], *, words: Wording, answers: Answers | None = None, prefix: str | None = None
) -> tuple[Shown, ...]:
    """Return what a template shows of these questions without building a form: the cheap way for a first look."""
    given = {name: _as_text(value) for name, value in (answers or {}).items()}
    return tuple(show(question, words, given=Given(given), prefix=prefix or "") for question in questions)


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
            return {name: _as_text(value) for name, value in self.initial.items()}
        return {name: _as_text(self[name].data) for name in self.fields}


class AnswerField(forms.Field):
    """One answer: text from the browser in, the answer as it is stored out, None when there is none."""

    def __init__(self, item: Item, words: Wording) -> None:
        super().__init__(required=item.required, widget=forms.SelectMultiple if item.kind == "multi" else None)
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
        case "text":
            return _tidy(value)
        case "multi":
            sent = [str(one) for one in value if one] if isinstance(value, list | tuple) else []
            known = [option for option in item.options if option.name in sent]
            strange = [one for one in sent if one not in {option.name for option in known}]
            return [option.key for option in known] + strange
        case "count" | "scale":
            return {str(number): number for number in item.numbers}.get(str(value or ""), value)
        case "choice" | "clock":
            return next((option.key for option in item.choices if option.name == value), value)


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
    if item.kind == "text" and code != "required":
        return _text_message(code, item.max_length or 0, words, str(answer))
    with translation.override(words.language):
        match code:
            case "required" if item.kind == "text":
                said = _("Please write an answer.")
            case "required":
                said = _("Please choose an answer.")
            case "exclusive":
                alone = next(option for option in item.options if option.exclusive)
                label = words.items[item.key].label(alone.key)
                said = _("“%(answer)s” cannot stand together with another answer.") % {"answer": label}
            case _:
                said = _("Please choose one of the answers shown.")
    return words.messages.get(code, said)


def _text_message(code: str, limit: int, words: Wording, text: str) -> str:
    with translation.override(words.language):
        if code == "too_long":
            said = _("This has %(length)d characters; at most %(limit)d fit. Please shorten it. Nothing was cut off.")
            return said % {"length": len(text), "limit": limit}
        return _("This contains characters that cannot be stored. Please type the text again.")


def _written_beside(item: Item, option: Option, words: Wording) -> str:
    label = words.items[item.key].label(option.key)
    return _("You wrote something beside “%(answer)s”. Pick it too, or clear what you wrote.") % {"answer": label}
