"""The one class that a host writes: what it answers when the host says nothing, and what a wrong one is told."""

from __future__ import annotations

from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.test import RequestFactory

from clinic.models import Visit
from rls_module.host import ACTIONS, Birth, HostAdapter, Respondent, adapter
from rls_module.host.actor import Actor, of_request, of_token, system
from rls_module.host.rows import Stale, advance, store
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def request_of(user) -> HttpRequest:
    request = RequestFactory().get("/rls/")
    request.user = user
    request.resolver_match = None
    return request


def test_by_default_nobody_may_do_or_see_anything():
    """AZ-2, part: deny by default, for everybody and every action."""
    person = make.patient(make.therapist())
    staff = make.therapist()
    staff.is_superuser = staff.is_staff = True
    for user in (staff, AnonymousUser()):
        request = request_of(user)
        assert not any(HostAdapter().can(request, name, person) for name in ACTIONS)
        assert not HostAdapter().visible_patients(request).exists()
        assert not HostAdapter().search(request, str(person.pk)).exists()


def test_a_host_must_name_its_patients_and_the_owners_of_its_visits():
    for method in (HostAdapter().display_name, HostAdapter().visit_patient_pk):
        with pytest.raises(ImproperlyConfigured, match="A host adapter"):
            method(object())


def test_everything_else_has_an_answer_where_the_host_says_nothing(settings):
    settings.RLS_MODULE = settings.RLS_MODULE | {"CLINIC_NAME": "Riverside", "BASE_URL": "https://r.example.org"}
    host, person = HostAdapter(), make.patient()
    assert [host.email(person), host.phone(person), host.birth(person)] == [None, None, Birth()]
    assert [host.is_active(person), host.consent(person, "email"), host.public_ref(person)] == [
        True,
        None,
        str(person.pk),
    ]
    assert [host.timezone(person), host.language(person)] == [ZoneInfo("America/New_York"), "en"]
    assert host.respondents(person) == [Respondent(ref=str(person.pk))]
    assert [list(host.visits_for(person)), list(host.visits_on(request_of(AnonymousUser()), make.TODAY))] == [[], []]
    assert [host.visit_start(object()), host.patient_url(person), host.visit_url(object())] == [None, None, None]
    assert [host.scope_of(person), [label for label, _ in host.scopes()]] == ["default", ["default"]]
    assert [host.request_scope(request_of(AnonymousUser())), host.base_url("default")] == [
        "default",
        "https://r.example.org",
    ]
    brand = host.brand("default")
    assert (brand.name, brand.sender, brand.zone) == ("Riverside", "Riverside", ZoneInfo("America/New_York"))


def test_patients_are_asked_of_the_hosts_default_manager():
    person = make.patient(archived=True)
    assert person in HostAdapter().patients()


def test_a_visits_reference_leads_back_to_it_until_it_is_gone():
    person = make.patient()
    visit = Visit.objects.create(clinic=person.clinic, patient=person, starts_at=make.NOW)
    ref = HostAdapter().visit_ref(visit)
    assert ref == f"clinic.visit:{visit.pk}"
    assert HostAdapter().visit_from_ref(ref) == visit
    visit.delete()
    assert HostAdapter().visit_from_ref(ref) is None


@pytest.mark.parametrize(
    "ref", ["", ":", "clinic", "clinic.visit", "clinic.visit:", "clinic.visit:x", "no.visit:1", "a.b.c:1"]
)
def test_a_reference_that_leads_nowhere_is_no_visit(ref):
    assert HostAdapter().visit_from_ref(ref) is None


def test_a_practitioners_name_is_the_full_one_or_the_one_to_sign_in_with():
    user = make.therapist(username="dana")
    assert HostAdapter().practitioner_name(user) == "Dana Whitfield"
    user.first_name = user.last_name = ""
    assert HostAdapter().practitioner_name(user) == "dana"
    assert HostAdapter().practitioner_name(SimpleNamespace(get_username=lambda: "dana")) == "dana"


def test_practitioners_are_the_person_who_asks():
    user = make.therapist()
    make.therapist()
    assert list(HostAdapter().practitioners(request_of(user))) == [user]
    assert list(HostAdapter().practitioners(request_of(AnonymousUser()))) == []


def test_there_is_one_adapter_a_process_and_another_where_the_setting_says_so(settings):
    assert adapter() is adapter()
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": "tests.rls_module.host.adapters.Nameless"}
    assert type(adapter()).__name__ == "Nameless"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("nowhere.Adapter", "'nowhere.Adapter' cannot be imported: "),
        ("clinic.rls.Nobody", "'clinic.rls.Nobody' cannot be imported: "),
        ("clinic.models.Patient", "is not a subclass of rls_module.host.HostAdapter."),
        ("json.dumps", "is not a subclass of rls_module.host.HostAdapter."),
    ],
)
def test_a_wrong_adapter_is_refused_in_a_sentence(settings, path, sentence):
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": path}
    with pytest.raises(ImproperlyConfigured, match=sentence):
        adapter()


# --- Who acts


def test_a_request_acts_as_its_user_under_the_printed_name():
    user = make.therapist()
    found = of_request(request_of(user))
    assert (found.ref, found.name, found.user_id, found.is_staff) == (
        f"user:{user.pk}",
        "Dana Whitfield",
        user.pk,
        True,
    )
    assert len(found.request_id) == 32
    assert of_request(request_of(user)).request_id != found.request_id


def test_nobody_acts_as_anonymous():
    found = of_request(request_of(AnonymousUser()))
    assert (found.ref, found.is_staff) == ("anonymous", False)


def test_a_link_acts_under_eight_characters_of_its_public_half():
    """PV-1, part: what the audit keeps opens nothing."""
    assert of_token("abcdefghijklmnop", "survey").ref == "token:abcdefgh"


def test_a_job_acts_as_the_system():
    assert system("tick") == Actor("system:tick")
    assert not system("tick").is_staff


# --- Rows


def test_the_second_of_two_who_saw_the_same_version_is_too_late():
    """DI-1, part: compare-and-set."""
    case = make.case(make.therapist())
    advance(case, seen=1)
    assert case.version == 2
    with pytest.raises(Stale):
        advance(case, seen=1)
    assert type(case).objects.get(pk=case.pk).version == 2


def test_a_row_is_checked_in_words_before_it_is_stored():
    from django.core.exceptions import ValidationError

    case = make.case(make.therapist())
    case.reason = "whim"
    with pytest.raises(ValidationError, match="whim"):
        store(case)


def test_no_row_names_a_patient_in_its_words():
    """PV-2, part: str() of what a chart page stands on."""
    user = make.therapist()
    case = make.planned(user)
    rows = [case, case.chart, *case.chart.tasks.all(), *case.visits.all(), *case.chart.responses.all()]
    assert not [row for row in rows if "Alma" in f"{row} {row!r}" or "Abbott" in f"{row} {row!r}"]
