"""An instrument's questions as a Django form and as what a template shows; answers in, answers out. Stores nothing."""

from rls_module.questionnaire.form import QuestionForm, answers_from, form_for, shown
from rls_module.questionnaire.shown import Choice, Group, OpenText, Shown, Target, in_words

__all__ = [
    "Choice", "Group", "OpenText", "QuestionForm", "Shown", "Target", "answers_from", "form_for", "in_words", "shown",
]  # fmt: skip
