"""How often a minute lets something be tried, counted in the database so that all processes share one count.

A link that opens is never held back from reading, and where nothing can be counted it may write too. Whatever opens
nothing is then held back.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.db import DatabaseError
from django.db.models import F
from django.utils.crypto import salted_hmac

from rls_module.host import transaction
from rls_module.surveys.models import Tally

logger = logging.getLogger(__name__)

POSTS_OF_A_SITTING = 30
POSTS_OF_A_LINK = 300  # of all its sittings: a robot that posts does not lock the patient out
FAILURES_OF_AN_ADDRESS = 60
FAILURES_OF_ALL = 600
_KEPT = timedelta(minutes=10)


def may_write(*, selector: str, sitting: str, now: datetime) -> bool:
    """Count a post behind a link that opens; False where this sitting or this link had its share of the minute."""
    try:
        is_one = takes(f"sitting {selector} {sitting}", most=POSTS_OF_A_SITTING, now=now)
        return is_one and takes(f"link {selector}", most=POSTS_OF_A_LINK, now=now)
    except DatabaseError as error:
        logger.error("posts of patients could not be counted (%s): they are let through", type(error).__name__)
        return True


def may_fail(*, address: str, now: datetime) -> bool:
    """Count a link that opened nothing; False where its address had its share of the minute, or all together had."""
    try:
        if not takes(f"address {_network(address)}", most=FAILURES_OF_AN_ADDRESS, now=now):
            return False
        if takes("failures", most=FAILURES_OF_ALL, now=now):
            return True
        if takes("alarm", most=1, now=now):
            logger.error("more than %d links that open nothing were tried in a minute", FAILURES_OF_ALL)
    except DatabaseError as error:
        logger.error("links that open nothing could not be counted (%s): held back", type(error).__name__)
    return False


@transaction.atomic
def takes(what: str, *, most: int, now: datetime) -> bool:
    """Count one more of `what` in the minute of `now`; False where there were `most`. No two callers get the same one.

    Raises DatabaseError where nothing can be counted; the caller's transaction goes on.
    """
    name = salted_hmac("rls_module.surveys.actions.limits", what, algorithm="sha256").hexdigest()
    minute = now.replace(second=0, microsecond=0)
    left = Tally.objects.filter(what=name, minute=minute, count__lt=most)
    if left.update(count=F("count") + 1):
        return True
    Tally.objects.bulk_create([Tally(what=name, minute=minute)], ignore_conflicts=True)
    return bool(left.update(count=F("count") + 1))


@transaction.atomic
def forget(*, now: datetime) -> None:
    """Put away the counts of minutes that are over."""
    Tally.objects.filter(minute__lt=now - _KEPT).delete()


def _network(address: str) -> str:
    """An IPv6 host has a whole /64 to itself; what says no address shares one count."""
    if address and ip_address(address).version == 6:  # noqa: PLR2004
        return str(ip_network(f"{address}/64", strict=False))
    return address
