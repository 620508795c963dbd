"""A returning patient's visit in a real browser: carried forward, looked at and signed in few touches, all counted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from clinic.models import Visit as HostVisit
from rls_module.visits import queries
from rls_module.visits.models import Visit
from tests import clock
from tests import factories as make
from tests.journeys.test_pages import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.django_db(transaction=True)]

BUDGET = 25  # keystrokes and taps beyond free text
NEXT = make.NOW + make.days(7)
MUSCLES = ("soleus", "tibialis_anterior", "gluteus_medius")
POINTS = ("er-pe", "re-ta", "la-ge", "re-cx")


class Hands:
    """What a therapist does with finger and keys; only what is written in a text area is not counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.touches = 0

    def tap(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.touches += 1

    def chip(self, name: str, value: str) -> None:
        self.tap(f'label:has(> input[name="{name}"][value="{value}"])')

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()
        self.touches += 1

    def number(self, name: str, digits: str) -> None:
        self.tap(f'input[name="{name}"]')
        self.page.keyboard.type(digits)
        self.touches += len(digits)

    def write(self, name: str, words: str) -> None:
        """Free text."""
        self.page.locator(f'textarea[name="{name}"]').fill(words)


@pytest.fixture
def worklist(settings, live_server, context: BrowserContext) -> Iterator[Page]:
    """The worklist of the day on which a patient comes back, a week after a full visit."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"CLOCK": "tests.clock.now", "BASE_URL": live_server.url}
    clock.put(make.NOW)
    user = make.therapist()
    case = make.planned(user)
    make.signed(
        case,
        user,
        on=make.TODAY + make.days(2),
        sites=[make.site(muscle=muscle, needles_in=2) for muscle in MUSCLES],
        needles_out=6,
        points=[make.point(point=point) for point in POINTS],
        exercises=[make.exercise(), make.exercise(name="Bridge", exercise="")],
    )
    person = case.chart.patient
    HostVisit.objects.create(clinic=person.clinic, patient=person, therapist=user, starts_at=NEXT)
    clock.put(NEXT)
    page = sign_in(context, user, live_server.url)
    page.goto(f"{live_server.url}/rls/")
    yield page
    clock.clear()


def test_a_repeat_visit_is_charted_and_signed_within_the_budget(worklist):
    """From the worklist: three muscles, four points graded after, the home programme unchanged, nothing new to tell."""
    page, hands = worklist, Hands(worklist)
    hands.button("Write the note")
    hands.button("Carry all of it forward")
    hands.chip("since_last", "same")
    hands.chip("reaction", "none")
    hands.chip("safety", "unchanged")
    for place in range(len(MUSCLES)):
        hands.number(f"site-{place}-needles_in", "2")
    hands.number("needles_out", "6")
    for place in range(len(POINTS)):
        hands.chip(f"point-{place}-palpation_after", "1")
    hands.tap('button[name="do"][value="look-exercises"]')
    hands.number("timed_minutes", "9")
    hands.number("total_minutes", "9")
    hands.write("response", "Calm after it.")
    hands.write("next_time", "The same once more.")
    hands.button("Sign")
    expect(page.get_by_text("Signed. The note can't be changed any more.")).to_be_visible()
    assert hands.touches <= BUDGET, hands.touches

    visit = Visit.objects.get(visit_date=NEXT.date())
    done = queries.treatment(visit)
    assert [(row.muscle, row.needles_in) for row in done.sites] == [(muscle, 2) for muscle in MUSCLES]
    assert [(row.point, row.palpation_after) for row in done.points] == [(point, 1) for point in POINTS]
    assert [row.name for row in done.exercises] == ["Calf raise", "Bridge"]


def test_haste_signs_nothing_that_nobody_looked_at(worklist):
    page, hands = worklist, Hands(worklist)
    hands.button("Write the note")
    hands.button("Carry all of it forward")
    hands.button("Sign")
    expect(page.get_by_text("Muscle 1 is carried forward: keep it, change it or drop it.")).to_be_visible()
    expect(page.locator(".site.carried")).to_have_count(9)
    assert Visit.objects.get(visit_date=NEXT.date()).is_draft
