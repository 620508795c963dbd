"""The note as forms: one page, rows that grow by one, and everything typed comes back when something is wrong."""

from __future__ import annotations

from rls_module.visits.forms.addendum import AddendumForm
from rls_module.visits.forms.adverse import AdverseEventForm, FollowUpForm
from rls_module.visits.forms.exercise import exercise_formset, with_keys
from rls_module.visits.forms.fascial import point_formset
from rls_module.visits.forms.needling import muscle_name, site_formset
from rls_module.visits.forms.note import NoteForm
from rls_module.visits.forms.notice import NoticeForm
from rls_module.visits.forms.rows import RowFormSet

__all__ = [
    "AddendumForm",
    "AdverseEventForm",
    "FollowUpForm",
    "NoteForm",
    "NoticeForm",
    "RowFormSet",
    "exercise_formset",
    "muscle_name",
    "point_formset",
    "site_formset",
    "with_keys",
]
