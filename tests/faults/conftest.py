"""What the fault tests share: mails that are due now, by the real clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from rls_module.followups.models import Delivery, Occurrence
from tests import factories as make
from tests.services.smtp import SmtpServer


@pytest.fixture
def due() -> Callable[[int], list[Delivery]]:
    """Plan so many patients and have the first mail of each be due at once; nothing else of theirs ever is."""

    @transaction.atomic  # an engine that runs already sees all of it at once, or nothing
    def planned(count: int) -> list[Delivery]:
        moment = datetime.now(UTC)
        user = make.therapist()
        for _ in range(count):
            make.planned(user)
        first = Occurrence.objects.filter(step="week_6")
        Occurrence.objects.exclude(step="week_6").update(state="cancelled")
        Delivery.objects.exclude(occurrence__in=first, kind="invite").update(state="cancelled")
        first.update(
            due_at=moment - timedelta(minutes=1),
            on_time_until=moment + timedelta(days=14),
            window_end=moment + timedelta(days=21),
            call_at=None,
        )
        rows = Delivery.objects.filter(kind="invite", occurrence__in=first)
        rows.update(due_at=moment - timedelta(minutes=1), next_attempt_at=moment - timedelta(minutes=1))
        return list(rows.order_by("pk"))

    return planned


@pytest.fixture
def accepted(smtp_server: SmtpServer) -> Callable[[], Counter[tuple[str, str]]]:
    """How often the server took each mail: (recipient, Message-ID) -> times."""

    def count() -> Counter[tuple[str, str]]:
        mails = list(smtp_server.messages)
        return Counter((mail.recipients[0], str(mail.message["Message-ID"])) for mail in mails)

    return count
