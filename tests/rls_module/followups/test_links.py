"""Where a patient's link leads, depending on what the host mounted."""

from __future__ import annotations

import pytest

from rls_module.followups import links

TOKEN = "t" * 65


@pytest.mark.parametrize(
    ("urlconf", "survey", "unsubscribe"),
    [
        ("clinic.urls", f"/q/{TOKEN}/", f"/q/u/{TOKEN}/"),
        ("tests.hosts.one_mount", f"/care/q/{TOKEN}/", f"/care/q/u/{TOKEN}/"),
    ],
)
def test_patients_pages_stand_on_their_own_or_under_the_plugins_prefix(settings, urlconf, survey, unsubscribe):
    settings.ROOT_URLCONF = urlconf
    assert (links.address("survey", TOKEN), links.address("unsubscribe", TOKEN)) == (survey, unsubscribe)
