"""Everyday life and practice: a file from a telephone, an entry for the therapist alone, what staff see."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect
from tests.factories.measures import an_ask, handed_in
from tests.factories.portal import a_help, let_in
from tests.factories.sites import a_site, day_here
from tests.factories.tasks import cared_for
from tests.journeys.conftest import PageAs
from tests.unit.adapters.wearables import exports

from openkap.apps.journal.operations import agree_on_practice
from openkap.core.psychometrics import Answer

Axe = Callable[..., None]
SHOTS = os.environ.get("PORTAL_SHOTS")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def a_health_export() -> FilePayload:
    """Twenty days of a telephone and a watch, up to yesterday."""
    days = [day_here(timezone.now()) - timedelta(days=n) for n in range(1, 21)]
    walks = [exports.steps(3000 + 100 * n, f"{day} 12:00:00 +0000") for n, day in enumerate(days)]
    watch = [exports.steps(5000 + 90 * n, f"{day} 12:00:00 +0000", "Watch") for n, day in enumerate(days[:12])]
    nights = [
        exports.sleep("AsleepCore", f"{day} 00:10:00 +0000", f"{day} 06:50:00 +0000") for day in days[:15]
    ]
    raw = exports.zipped({"apple_health_export/export.xml": exports.apple_xml(*walks, *watch, *nights)})
    return {"name": "export.zip", "mimeType": "application/zip", "buffer": raw}


def test_from_the_file_on_the_telephone_to_the_therapist(page_as: PageAs, axe: Axe) -> None:
    cared, now = cared_for(a_site("Alder House")), timezone.now()
    a_help(cared.site)
    patient, own = cared.patient, let_in(cared.patient)
    agree_on_practice(
        by=cared.therapist, now=now, patient=patient, title="Slow breathing", often="every evening"
    )
    answers: dict[str, Answer] = {str(n): 1 for n in range(1, 8)}
    for days in (8, 1):
        an_ask(patient, "the-week", now - timedelta(days=days))
        handed_in(patient, "the-week", answers, now - timedelta(days=days))

    phone = page_as(own, "/portal/journal/", narrow=True)
    expect(phone.get_by_text("weekdays from 8 to 18").first).to_be_visible()
    axe(phone)
    phone.get_by_role("link", name="Slow breathing").click()
    phone.get_by_label("A note about it").fill("Quiet at last.")
    phone.get_by_role("button", name="I did it today").click()
    expect(phone.get_by_text("Done today")).to_be_visible()
    axe(phone)
    shot(phone, "practice")
    phone.get_by_role("link", name="Journal").first.click()
    phone.get_by_label("In your words").fill("For you alone, Hana.")
    phone.get_by_label("My therapist and me").check()
    phone.goto("/portal/me/")
    phone.goto("/portal/journal/")  # the page was left before 'Keep it'
    expect(phone.get_by_label("In your words")).to_have_value("For you alone, Hana.")
    expect(phone.get_by_label("My therapist and me")).to_be_checked()
    expect(phone.get_by_text("It is only on this screen so far")).to_be_visible()
    phone.get_by_role("button", name="Keep it").click()
    expect(phone.get_by_text("my therapist too")).to_be_visible()
    expect(phone.get_by_label("In your words")).to_have_value("")
    shot(phone, "journal")

    phone.get_by_role("link", name="My weeks").click()
    expect(phone.get_by_role("term").filter(has_text="Slept well")).to_be_visible()
    phone.get_by_role("link", name="Bring steps and sleep").click()
    axe(phone)
    phone.get_by_label("The file").set_input_files(
        {"name": "song.mp3", "mimeType": "audio/mpeg", "buffer": b"ID3\x00"}
    )
    phone.get_by_role("button", name="Read the file").click()
    expect(phone.get_by_role("alert")).to_contain_text("cannot be read here")
    phone.get_by_label("The file").set_input_files(a_health_export())
    phone.get_by_role("button", name="Read the file").click()
    expect(phone.get_by_text("20 days counted by iPhone")).to_be_visible()
    axe(phone)
    phone.get_by_label("Steps").select_option("Watch")
    phone.get_by_role("button", name="Look again").click()
    expect(phone.get_by_text("12 days counted by Watch")).to_be_visible()
    shot(phone, "preview")
    phone.get_by_role("button", name="Keep these days").click()
    expect(phone.get_by_role("heading", name="Steps")).to_be_visible()
    axe(phone)
    shot(phone, "weeks")

    staff = page_as(cared.therapist, f"/patients/{patient.public_id}/measures/lifestyle/")
    expect(staff.get_by_text("To look at in the week")).to_be_visible()
    axe(staff)
    shot(staff, "lifestyle")
    staff.goto(f"/patients/{patient.public_id}/journal/")
    expect(staff.get_by_text("For you alone, Hana.")).to_be_visible()
    expect(staff.get_by_text("Done on 1 of the last 28 days")).to_be_visible()
    axe(staff)
    shot(staff, "staff-journal")
    phone.goto("/portal/journal/")
    expect(phone.get_by_text("Read by Person")).to_be_visible()
    phone.get_by_text("Change who may read it").click()
    phone.get_by_role("button", name="Only me").click()
    staff.reload()
    expect(staff.get_by_text("Nothing is shared with you")).to_be_visible()
