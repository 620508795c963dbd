"""Who works in the two clinics, whom they treat, and browsers that stand before one clinic's door."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core import serializers
from django.core.management.color import no_style
from django.db import connections
from django.test import Client

from rls_module.audit import guards
from rls_module.cases.models import Case
from tests import factories as make
from tests.contracts import everything
from tests.hosts.two_clinics.clinics import CLINICS, inside
from tests.hosts.two_clinics.models import Cover, Member, Person, Role

BOTH = pytest.mark.django_db(databases=list(CLINICS))
NAME = "Alphacanary"

# name -> the clinics that they belong to, and as what. Users stand in both databases, with the same keys.
STAFF: dict[str, dict[str, str]] = {
    "therapist": {"alpha": Role.THERAPIST},
    "covering": {"alpha": Role.THERAPIST},
    "cover expired": {"alpha": Role.THERAPIST},
    "colleague": {"alpha": Role.THERAPIST},
    "front desk": {"alpha": Role.FRONT_DESK},
    "biller": {"alpha": Role.BILLER},
    "admin": {"alpha": Role.CLINIC_ADMIN},
    "platform": {"alpha": Role.PLATFORM, "beta": Role.PLATFORM},
    "auditor": {"alpha": Role.AUDITOR},
    "stranger": {"beta": Role.THERAPIST},
    "other admin": {"beta": Role.CLINIC_ADMIN},
}


def staff(*names: str) -> dict[str, Any]:
    """Users of both clinics, each with a place only in their own; `platform` has Django's flag of a superuser."""
    return {name: _user(name) for name in names or STAFF}


def _user(name: str) -> Any:
    users = get_user_model()._default_manager
    # Django's admin lets staff in; what they find there is the adapter's answer.
    user = users.db_manager("alpha").create_user(name, is_staff=True, is_superuser=name == "platform")
    user.save(using="beta", force_insert=True)
    for label, role in STAFF[name].items():
        Member.objects.using(label).create(user_id=user.pk, role=role)
    return users.using("alpha").get(pk=user.pk)


def person(label: str, therapist: Any, *, key: int = 1, **values: Any) -> Person:
    """A patient of one clinic; the key is the same in both unless a test says otherwise."""
    about = {"first": "Alma", "last": "Abbott", "mail": f"alma@{label}.example.org", "mobile": "555-0123"} | values
    found = Person.objects.using(label).create(pk=key, **about)
    found.treated_by.through.objects.using(label).create(person_id=found.pk, user_id=therapist.pk)
    return found


def covers(people: dict[str, Any]) -> None:
    """One therapist stands in for the patient's until the day after, another did until the day before."""
    for by, day in (("covering", 1), ("cover expired", -1)):
        until = make.TODAY + timedelta(days=43 + day)
        Cover.objects.using("alpha").create(absent_id=people["therapist"].pk, by_id=people[by].pk, until=until)


def whole_chart(label: str, people: dict[str, Any], **values: Any) -> tuple[Case, dict[str, Any]]:
    """A patient of one clinic with one of everything, and the rows by name."""
    with inside(label):
        found = person(label, people["therapist"], **values)
        case = everything.one_of_everything(found, people["therapist"], people["admin"])
        return case, everything.rows(case, found)


def browser(label: str, user: Any = None) -> Client:
    """A browser at one clinic's door; signed in there where a user is given."""
    client = Client(headers={"host": CLINICS[label].domain})
    if user is not None:
        with inside(label):
            client.force_login(user)
    return client


def cloned(source: str, target: str) -> int:
    """Make the target clinic hold every row of the source, key by key and uuid by uuid; only the words differ.

    Who works where, and whom they treat, is not copied. Returns how many rows the twin has.
    """
    models = [one for one in apps.get_models() if one._meta.app_label in ("rls_module", "practice")]
    copied = [one for one in models if one not in (Member, Cover)]
    with inside(source):
        text = serializers.serialize("json", _rows(copied))
    text = text.replace(source, target).replace(source.title(), target.title())
    with inside(target):
        connection = connections[target]
        guards.remove(connection)  # the twin of a signed visit is written like any other row
        rows = list(serializers.deserialize("json", text, using=target))
        for row in rows:
            row.object.save_base(raw=True, using=target)
        connection.check_constraints()
        guards.install(connection)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), copied):
                cursor.execute(statement)
    return len(rows)


def _rows(models: Iterable[Any]) -> list[Any]:
    return [row for model in models for row in model._default_manager.order_by("pk")]
