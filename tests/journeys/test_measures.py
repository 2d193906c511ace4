"""A therapist fills in the PHQ-9 at the keyboard; the chart shows the course; item 9 reaches the prescriber."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.browsing import assert_good_in_every_look, eventually
from tests.factories.measures import a_course, a_phq_9
from tests.factories.tasks import CaredFor, cared_for

from openkap.apps.measures.models import Response
from openkap.apps.tasks.models import Alert
from openkap.web.models import Draft

PageAs = Callable[..., Page]
Check = Callable[..., None]


def with_scores() -> CaredFor:
    cared, now = cared_for(), timezone.now()
    answers = ("3,3,3,2,2,2,2,2,1", "2,2,2,2,2,2,2,1,1", "1,1,1,1,1,2,2,0,0", "1,1,1,1,1,0,NA,0,0")
    for weeks, given in zip((6, 4, 2, 1), answers, strict=True):
        a_phq_9(cared.patient, now - timedelta(weeks=weeks), given)
    a_course(cared.patient, [(now - timedelta(weeks=6), 15), (now - timedelta(weeks=2), 9)])
    return cared


def test_answers_are_typed_without_the_mouse(page_as: PageAs, product: object) -> None:
    cared = cared_for()
    page = page_as(cared.therapist, f"/patients/{cared.patient.public_id}/measures/enter/phq-9/")
    page.get_by_role("radio").first.focus()
    page.keyboard.type("2221110019")  # 9 is no answer, and changes nothing
    page.keyboard.press("3")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("The total is 10.")).to_be_visible()
    expect(page.get_by_role("heading", name="Measures")).to_be_visible()
    kept = Response.objects.get()
    assert (kept.total, kept.answers["9"], kept.answers["difficulty"]) == (10, 1, 3)
    assert Alert.objects.get(patient=cared.patient).detail == "PHQ-9 question 9: 1 (Several days), new"


def test_what_is_typed_survives_a_closed_tab(page_as: PageAs) -> None:
    cared = cared_for()
    path = f"/patients/{cared.patient.public_id}/measures/enter/gad-7/"
    page = page_as(cared.therapist, path)
    page.get_by_role("radio").first.focus()
    page.keyboard.type("21")
    expect(page.locator("[data-draft-note]")).to_contain_text("Kept as a draft")
    eventually(page, lambda: {"item_1", "item_2"} <= Draft.objects.get().fields.keys(), "both are kept")
    again = page_as(cared.therapist, path)
    expect(again.locator("input[name=item_1][value='2']")).to_be_checked()
    expect(again.locator("input[name=item_2][value='1']")).to_be_checked()


def test_the_pages_are_accessible_and_fit(page_as: PageAs) -> None:
    cared = with_scores()
    where = f"/patients/{cared.patient.public_id}/measures/"
    newest = Response.objects.filter(instrument_id="phq-9").latest("administered_at")
    page = page_as(cared.therapist)
    for path, picture in (
        (where, "measures"),
        (f"{where}enter/phq-9/", "measures-enter"),
        (f"{where}enter/phq-9/?by=total", "measures-total"),
        (f"{where}{newest.public_id}/", "measures-entry"),
        (f"{where}{newest.public_id}/correct/", "measures-correct"),
    ):
        page.goto(path)
        assert_good_in_every_look(page, picture)
