"""The five criteria as a clinician judges them, with the mimics and the specifiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.intake import queries
from rls_module.intake.actions import Judgement
from rls_module.intake.models import CriteriaReview, Intake, Screen
from rls_module.knowledge.safety import course, criteria, intake_review
from rls_module.knowledge.vocabulary import loading

KEYS = ("e1", "e2", "e3", "e4")
ANSWERS = [("yes", gettext_lazy("yes")), ("no", gettext_lazy("no")), ("unsure", gettext_lazy("not sure"))]
YES_NO = ANSWERS[:2]
REASONS = [
    ("very_severe", gettext_lazy("very severe now")),
    ("treated", gettext_lazy("under treatment now")),
    ("augmented", gettext_lazy("augmented")),
]
NIGHTS = [("0", gettext_lazy("less than one")), *((str(number), str(number)) for number in range(1, 8))]
WEEKLY = {"lt1": "0", **{f"n{number}": str(number) for number in range(1, 8)}}  # the intake's answer -> ours


def _chips(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect)


class CriteriaForm(forms.Form):
    """Everything may stay open: what is open is named in the result."""

    past_reasons = forms.MultipleChoiceField(
        label=gettext_lazy("The past counts, because the pattern is lost now"),
        choices=REASONS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    present = forms.MultipleChoiceField(
        label=gettext_lazy("Also there"), required=False, widget=forms.CheckboxSelectMultiple
    )
    rest_excluded = forms.BooleanField(label=gettext_lazy("The rest considered and excluded"), required=False)
    e5 = _chips(gettext_lazy("Not explained by another condition alone (E5)"), YES_NO)
    mimic = forms.CharField(label=gettext_lazy("What explains it, where it does"), required=False, max_length=200)
    e5_reason = forms.CharField(label=gettext_lazy("Why"), required=False, max_length=1000)
    clinically_significant = _chips(gettext_lazy("Clinically significant: sleep, energy, work, mood"), YES_NO)
    year_old = _chips(gettext_lazy("Began a year ago or earlier"), YES_NO)
    weekly = _chips(gettext_lazy("Nights a week over the last year, untreated"), NIGHTS)
    five_events = _chips(gettext_lazy("At least 5 times in life"), YES_NO)
    is_provoked = forms.BooleanField(label=gettext_lazy("Provoked by pregnancy or a drug"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, language: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        is_spanish = language == "es"
        for one in loading.criteria()[:4]:
            key, words = one.key.lower(), one.spanish if is_spanish else one.english
            self.fields[f"{key}_current"] = _chips(f"{one.key}: {words}", ANSWERS)
            self.fields[f"{key}_past"] = _chips(_("%(key)s in the past") % {"key": one.key}, ANSWERS)
        for key, words in criteria.SUPPORTIVE["es" if is_spanish else "en"].items():
            self.fields[f"supportive_{key}"] = _chips(words, ANSWERS)
        present = self.fields["present"]
        assert isinstance(present, forms.MultipleChoiceField)  # noqa: S101  declared above
        present.choices = [(one.key, one.spanish if is_spanish else one.english) for one in loading.mimics()]

    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return E1 to E4, each now and in the past, for the page."""
        return [(self[f"{key}_current"], self[f"{key}_past"]) for key in KEYS]

    @property
    def supportive(self) -> list[forms.BoundField]:
        """The supportive features, for the page."""
        return [self[f"supportive_{key}"] for key in criteria.SUPPORTIVE["en"]]

    def clean(self) -> dict[str, Any]:
        """Ask for the list before E5 is answered, and for a name where another condition is said to explain it."""
        values = super().clean() or {}
        if values.get("e5") == "no" and not values.get("mimic") and not values.get("present"):
            self.add_error("mimic", _("Name the other condition that explains it."))
        if values.get("e5") == "yes" and not values.get("rest_excluded"):
            said = _("Go through what else it could be before E5: pick what is there, then tick this for the rest.")
            self.add_error("rest_excluded", said)
        return values

    def judgement(self, *, age: int | None) -> Judgement:
        """Return what was said, as the action takes it; `age` in years today, None where the host does not know."""
        values = self.cleaned_data
        answers: dict[str, Any] = {
            key: {"current": values[f"{key}_current"] or None, "past": values[f"{key}_past"] or None} for key in KEYS
        }
        mimics = dict.fromkeys((one.key for one in loading.mimics()), "considered_excluded")
        mimics = mimics if values["rest_excluded"] else {}
        named = values["mimic"] or ", ".join(values["present"])
        return Judgement(
            answers=criteria.CriteriaAnswers(
                **answers, e5=values["e5"] or None, past_reasons=values["past_reasons"], mimic=named
            ),
            mimics=mimics | dict.fromkeys(values["present"], "present"),
            e5_reason=values["e5_reason"],
            clinically_significant=values["clinically_significant"],
            course=self._course(age),
            supportive={
                key: values[f"supportive_{key}"] for key in criteria.SUPPORTIVE["en"] if values[f"supportive_{key}"]
            },
        )

    def _course(self, age: int | None) -> str:
        values = self.cleaned_data
        weekly = values["weekly"]
        return course.course(
            age=age,
            is_provoked=values["is_provoked"],
            months_since_onset={"yes": course.MONTHS, "no": 0}.get(values["year_old"]),
            untreated_per_week=float(weekly) if weekly else None,
            lifetime_events={"yes": course.EVENTS, "no": 0}.get(values["five_events"]),
        )


def initial_of(
    review: CriteriaReview | None, screen: Screen | None, intake: Intake | None = None, *, age: int | None = None
) -> dict[str, Any]:
    """Return what the page begins with: the last judgement, else what screen or intake say, to be confirmed.

    How long and how often is read from the intake, where it says so; `age` in years today, None where nobody knows it.
    """
    said = intake.answers if intake else {}
    how_long = {
        "five_events": said.get("five") if said.get("five") in ("yes", "no") else "",
        "weekly": WEEKLY.get(str(said.get("year", "")), ""),
        "year_old": "yes" if _is_year_old(said.get("onset"), age) else "",
    }
    return {name: value for name, value in how_long.items() if value} | _pattern(review, screen, intake)


def _is_year_old(onset: object, age: int | None) -> bool:
    """True where the age at onset leaves no doubt: with whole years, one year's difference may be a month."""
    began = intake_review.age_in(onset)
    return began is not None and age is not None and age - began > 1


def _pattern(review: CriteriaReview | None, screen: Screen | None, intake: Intake | None) -> dict[str, Any]:
    if review is not None:
        said = review.answers
        return {
            **{f"{key}_{when}": said[key][when] or "" for key in KEYS for when in ("current", "past")},
            "past_reasons": said["past_reasons"],
            "e5": said["e5"] or "",
            "mimic": said["mimic"],
            "present": [key for key, how in review.mimics.items() if how == "present"],
            "rest_excluded": "considered_excluded" in review.mimics.values(),
            "e5_reason": review.e5_reason,
            "clinically_significant": review.clinically_significant,
            **{f"supportive_{key}": said for key, said in review.supportive.items()},
        }
    found = (screen.criteria if screen else {}) or (queries.told_criteria(intake) if intake else {})
    return {
        f"{key}_{when}": (found.get(key.upper()) or {}).get(when) or "" for key in KEYS for when in ("current", "past")
    }
