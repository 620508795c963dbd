"""The clinic is told by mail that a chart was opened in an emergency; the database knows whether it was."""

from __future__ import annotations

import dj_email_url
import pytest
from django.contrib.auth import get_user_model

from clinic import environment
from clinic.models import Role
from rls_module.audit.models import AuditEvent
from rls_module.cases import actions as case_actions
from rls_module.cases.models import EmergencyAccess
from rls_module.followups import actions
from rls_module.host.actor import system
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]

ADMIN = "lena@example.org"
NOW = make.NOW


def manages(where=None, address: str = ADMIN):
    user = make.therapist(where, role=Role.CLINIC_ADMIN)
    get_user_model().objects.filter(pk=user.pk).update(email=address)
    return user


def opened(*, by=None, of=None) -> EmergencyAccess:
    chart = make.chart(of or make.patient(make.therapist(), given="Zofia", family="Kowalskicanary"))
    return case_actions.open_in_emergency(
        chart=chart, reason="Canary reason: collapsed", actor=make.actor(by or make.therapist()), now=NOW
    )


def tick() -> None:
    actions.tick(now=NOW)


def test_the_clinics_admin_is_told_at_the_next_turn_and_once(mailoutbox):
    """AZ-11: immediate notice."""
    manages()
    emergency = opened()
    assert mailoutbox == []  # a request never sends
    tick()
    tick()
    [mail] = mailoutbox
    assert mail.to == [ADMIN]
    emergency.refresh_from_db()
    assert emergency.told_at == NOW
    event = AuditEvent.objects.get(verb="emergency.told")
    assert (event.actor, event.object_id, event.purpose) == ("system:followups", str(emergency.uuid), emergency.ref)


def test_the_notice_names_nobody_and_no_care(mailoutbox):
    """AZ-11, EM-1, part: no name, number, reason, colleague or clinical word; a link to the list in admin."""
    manages()
    emergency = opened()
    person = emergency.chart.patient
    tick()
    [mail] = mailoutbox
    link = "http://testserver/admin/rls_module/emergencyaccess/"
    assert link in mail.body
    told = f"{mail.subject}\n{mail.body}\n{dict(mail.message().items())}".replace(link, "")
    secrets = (
        *(person.given, person.family, person.record_number, str(emergency.chart.uuid), str(emergency.uuid)),
        *("Canary", "Dana", "Whitfield", "restless", "leg", "needl", "rls"),
    )
    assert [word for word in secrets if word.lower() in told.lower()] == []
    assert "In an emergency" not in told
    assert "a colleague opened a record in an emergency" in told


def test_several_are_told_in_one_mail_and_each_clinic_of_its_own(mailoutbox):
    """AZ-11, AZ-16, part."""
    hillside = make.clinic("hillside")
    manages(), manages(hillside, "omar@example.org")
    opened(), opened()
    ruth = make.therapist(hillside)
    opened(of=make.patient(ruth, hillside))
    tick()
    assert sorted((*mail.to, "2 times" in mail.body) for mail in mailoutbox) == [
        (ADMIN, True),
        ("omar@example.org", False),
    ]


def mail_goes_to(settings, address: str) -> None:
    for name, value in environment.mail(dj_email_url.parse(f"smtp://{address}"), timeout=5).items():
        setattr(settings, name, value)


def test_a_server_that_is_down_stops_nothing_and_is_tried_again(smtp_server, settings, caplog):
    """AZ-11: failure is logged without an address, the row stays untold, and survives whatever dies."""
    manages()
    emergency = opened()
    mail_goes_to(settings, "127.0.0.1:1")  # nobody listens there
    tick()
    assert "the clinic riverside could not be told of an emergency access" in caplog.text
    assert ADMIN not in caplog.text
    emergency.refresh_from_db()
    assert emergency.told_at is None
    mail_goes_to(settings, f"{smtp_server.host}:{smtp_server.port}")
    tick()
    assert [mail.recipients for mail in smtp_server.messages] == [(ADMIN,)]


def test_a_pause_of_the_patients_mails_does_not_silence_it_and_a_restored_copy_does(mailoutbox, settings):
    """AZ-11: an admin who pauses sending is still told; DISPATCH_PAUSED lets nothing out."""
    manages()
    opened()
    settings.RLS_MODULE = settings.RLS_MODULE | {"DISPATCH_PAUSED": True}
    tick()
    assert mailoutbox == []
    settings.RLS_MODULE = settings.RLS_MODULE | {"DISPATCH_PAUSED": False}
    actions.pause(scope="riverside", reason="moving", actor=system("test"))
    tick()
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("address", ["", "lena@example.org\nBcc: all@example.org", "nobody at all"])
def test_nobody_to_tell_leaves_it_untold(mailoutbox, address):
    """AZ-11: the list in admin shows it all the same; no header trick goes out."""
    manages(address=address)
    emergency = opened()
    tick()
    assert mailoutbox == []
    emergency.refresh_from_db()
    assert emergency.told_at is None


def test_without_django_admin_the_notice_says_where_else(mailoutbox, settings):
    manages()
    opened()
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADMIN_SITE": False}
    tick()
    [mail] = mailoutbox
    assert "http" not in mail.body
    assert "stands in the audit of your clinic system" in mail.body
