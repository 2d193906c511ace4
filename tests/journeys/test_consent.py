"""Consent, walked: signed on the tablet, asked for again when the text changes, withdrawn in the portal."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.browsing import assert_no_sideways_scroll
from tests.factories.assessment import an_episode
from tests.factories.consent import offered, texts_ready, valid_consent
from tests.factories.dosing import sign_monitoring
from tests.factories.planning import a_plan, visits
from tests.factories.portal import let_in
from tests.factories.tasks import CaredFor, cared_for
from tests.journeys.agreeing import countersign, read_on, read_together, sign_as_patient
from tests.pdf import Pdf

from openkap.apps.consent.models import Consent, Signature, Withdrawal
from openkap.apps.tasks.models import Alert

PageAs = Callable[..., Page]
Check = Callable[..., None]


def step_of(cared: CaredFor) -> str:
    return f"/patients/{cared.patient.public_id}/assessment/consent/"


def test_patient_and_clinician_come_to_a_signed_consent_on_the_tablet(
    page_as: PageAs, axe: Check, tmp_path: Path
) -> None:
    cared = cared_for()
    an_episode(cared.patient, cared.prescriber)
    texts_ready(cared)
    page = page_as(cared.prescriber, step_of(cared))
    axe(page)
    page.get_by_label("Addendum: touch for support").check()
    page.get_by_role("button", name="Offer", exact=True).click()
    expect(page.locator("h1")).to_have_text("What ketamine is")
    expect(page.get_by_role("navigation")).to_have_count(
        0
    )  # the tablet shows the text and nothing of the chart
    axe(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert_no_sideways_scroll(page)
    page.locator("summary", has_text="I have a question").click()
    page.get_by_label("Question").fill("Is it like an operation?")
    page.get_by_label("Answer given").fill("No. You stay awake.")
    page.get_by_role("button", name="Keep the question").click()
    expect(page.get_by_text("No. You stay awake.")).to_be_visible()
    read_on(page)
    axe(page)
    draw(page)
    page.get_by_label("Your full name").fill("Somebody Else")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Type the name as it is in the record")).to_be_visible()
    sign_as_patient(page, cared.patient.name)
    assert Signature.objects.get().drawn.startswith("M ")
    page.set_viewport_size({"width": 1440, "height": 900})
    axe(page)
    countersign(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    download.value.save_as(tmp_path / "consent.pdf")
    words = Pdf((tmp_path / "consent.pdf").read_bytes()).text
    consent = Consent.objects.get()
    for expected in (consent.text_digest, cared.patient.name, "No. You stay awake.", "A hand to hold"):
        assert expected in words


def draw(page: Page) -> None:
    """A line with the finger."""
    box = page.locator("svg.consent-pen").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=4)
    page.mouse.up()


def test_changed_words_ask_everybody_again_and_close_the_gate(page_as: PageAs, axe: Check) -> None:
    cared = cared_for()
    visits(a_plan(cared), "dosing")
    sign_monitoring(cared.medical_director, cared.site)
    valid_consent(cared, timezone.now() - timedelta(days=3))
    director = page_as(cared.medical_director, f"/settings/consent/{cared.site.public_id}/")
    expect(director.get_by_text("Nobody. Every signed consent holds.")).to_be_visible()
    axe(director)
    director.get_by_label("Who is present in a session (English)").fill("Two nurses.")
    director.get_by_label("Everybody who has signed must sign again").check()
    director.get_by_role("button", name="Keep these words").click()
    expect(director.get_by_role("link", name=cared.patient.name)).to_be_visible()

    nurse = page_as(cared.monitor, f"/patients/{cared.patient.public_id}/sessions/")
    nurse.get_by_label("Chair").first.fill("7")
    nurse.get_by_role("button", name="Open the console").first.click()
    expect(nurse.get_by_text("it must be signed again").first).to_be_visible()
    nurse.goto(f"/patients/{cared.patient.public_id}/plan/")
    expect(nurse.get_by_text("No dose can be given until it is valid.")).to_be_visible()

    prescriber = page_as(cared.prescriber, step_of(cared))
    read_together(prescriber)
    sign_as_patient(prescriber, cared.patient.name)
    countersign(prescriber)
    nurse.goto(f"/patients/{cared.patient.public_id}/sessions/")
    nurse.get_by_label("Chair").first.fill("7")
    nurse.get_by_role("button", name="Open the console").first.click()
    expect(nurse.locator("#ready")).to_contain_text("Ready to start?")
    expect(nurse.locator("#ready")).to_contain_text("Valid consent for this drug and route")


def test_a_patient_signs_in_the_portal_and_takes_it_back(page_as: PageAs, axe: Check) -> None:
    cared = cared_for()
    an_episode(cared.patient, cared.prescriber)
    patient = let_in(cared.patient)
    texts_ready(cared)
    offered(cared, timezone.now() - timedelta(hours=1), place="portal")
    phone = page_as(patient, "/portal/", narrow=True)
    phone.get_by_role("link", name="Start reading").click()
    expect(phone.locator("h1")).to_have_text("What ketamine is")
    axe(phone)
    assert_no_sideways_scroll(phone)
    read_on(phone)
    axe(phone)
    sign_as_patient(phone, cared.patient.name)
    prescriber = page_as(cared.prescriber, step_of(cared))
    prescriber.get_by_role("link", name="Read and countersign").click()
    countersign(prescriber)
    phone.goto("/portal/consent/")
    expect(phone.get_by_text("Valid")).to_be_visible()
    axe(phone)
    phone.get_by_role("link", name="Take it back").click()
    axe(phone)
    phone.get_by_role("button", name="Yes, I take it back").click()
    expect(phone.get_by_text("Noted. No dose is given on it.")).to_be_visible()
    assert Withdrawal.objects.get().by_patient
    assert Alert.objects.get().kind == "consent-withdrawn"
    prescriber.goto(step_of(cared))
    expect(prescriber.get_by_text("Consent was withdrawn").first).to_be_visible()
