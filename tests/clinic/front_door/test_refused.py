"""Who is signed in and may not come in is told so on a page of the clinic's."""

from __future__ import annotations

import pytest

from tests.clinic.front_door import people
from tests.clinic.rows import make_staff
from tests.rls_module.host.pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def test_a_therapist_is_shown_out_of_the_admin_in_words():
    """AN-3: the sign-in that leads nowhere for her says so."""
    response = signed_in(make_staff().user).get("/admin/", follow=True)
    assert response.status_code == 403
    assert "Your account may not come in here" in people.words(response)
