"""A prescriber goes through what came in: from the list to the course, question by question, and marks it."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.browsing import assert_no_sideways_scroll
from tests.factories.measures import a_course, a_phq_9
from tests.factories.tasks import CaredFor, cared_for

from openkap.apps.inbox.models import Seen
from openkap.apps.knowledge_base.operations import sign_off

PageAs = Callable[..., Page]
Check = Callable[..., None]


def somebody_worse() -> CaredFor:
    cared, now = cared_for(), timezone.now()
    sign_off(
        by=cared.medical_director,
        now=now,
        site=cared.site,
        record_id="gad-7-reliable-change",
        version=1,
        adopted=True,
    )
    for weeks, given in zip(
        (8, 4, 1), ("2,2,2,2,2,2,2,2,0", "2,2,2,1,1,1,1,1,0", "1,1,1,1,1,0,1,3,0"), strict=True
    ):
        a_phq_9(cared.patient, now - timedelta(weeks=weeks), given)
    a_course(cared.patient, [(now - timedelta(weeks=4), 8), (now - timedelta(days=1), 15)])
    return cared


def test_what_came_in_is_read_and_marked(page_as: PageAs, axe: Check, screenshot: Check) -> None:
    cared = somebody_worse()
    name = cared.patient.name
    page = page_as(cared.prescriber, "/")
    page.get_by_role("link", name="Needs a look").click()
    first = page.locator(".inbox-row").first
    expect(first).to_contain_text("GAD-7 15")
    expect(first).to_contain_text("reliably worse")
    axe(page)
    screenshot(page, "inbox")
    first.get_by_role("link", name="GAD-7 15").click()
    expect(page.get_by_text("By nobody yet")).to_be_visible()
    page.get_by_role("link", name="All measures").click()
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    page.get_by_role("rowheader", name="PHQ-9").get_by_role("link").click()
    page.get_by_role("link", name="Last 3 months").click()
    page.get_by_role("link", name="Worst now").click()
    expect(page.locator(".heat tbody th").first).to_contain_text("Moving or speaking")
    axe(page)
    screenshot(page, "measure")
    page.goto("/inbox/")
    page.locator(".inbox-act").get_by_role("button", name="Looked at").click()
    expect(page.get_by_text(f"{name}: 5 items looked at.")).to_be_visible()
    expect(page.get_by_text("Everything that came in has been looked at")).to_be_visible()
    assert {seen.seen_by for seen in Seen.objects.select_related("seen_by")} == {cared.prescriber}


def test_the_same_on_a_telephone_in_the_dark(page_as: PageAs, axe: Check, screenshot: Check) -> None:
    cared = somebody_worse()
    where = f"/patients/{cared.patient.public_id}/measures/of/phq-9/"
    for path, picture in (("/inbox/", "inbox-narrow-dark"), (where, "measure-narrow-dark")):
        page = page_as(cared.prescriber, path, dark=True, narrow=True)
        axe(page)
        assert_no_sideways_scroll(page)
        screenshot(page, picture)
        page.context.close()
