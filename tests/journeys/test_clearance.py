"""From an empty record to a cleared patient: by hand, in a browser, wide and narrow."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.browsing import Faults
from tests.factories.assessment import an_episode
from tests.factories.sites import day_here
from tests.factories.tasks import CaredFor, cared_for
from tests.product import Product

from openkap.apps.assessment.operations import keep_clearance
from openkap.apps.chart.models import Allergy, Condition
from openkap.apps.tasks.models import Task


@pytest.fixture
def cared(product: Product) -> CaredFor:
    cared = cared_for(now=timezone.now())
    an_episode(cared.patient, cared.prescriber, now=timezone.now())
    return cared


def test_a_history_told_is_entered_by_hand(
    product: Product, cared: CaredFor, page_as: Callable[..., Page], faults: Faults, axe: Callable[[Page], None]
) -> None:
    page = page_as(cared.monitor)
    page.goto(f"/patients/{cared.patient.public_id}/record/")
    page.get_by_role("button", name="No known allergies").click()
    expect(page.locator(".chart-head")).to_contain_text("No known allergies")
    page.get_by_role("link", name="Add a problem").click()
    page.get_by_label("Problem", exact=True).fill("Hypertension")
    page.get_by_label("Since").fill("2015")
    axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Problems")).to_be_visible()
    assert Condition.objects.get().code == "38341003"
    page.get_by_role("link", name="Add an allergy").click()
    page.get_by_label("Substance").fill("Penicillin")
    page.get_by_label("Reaction").fill("hives")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".chart-head")).to_contain_text("Penicillin")
    assert Allergy.objects.count() == 2
    page.get_by_role("link", name="Correct Hypertension").click()
    page.get_by_label("Status").select_option("resolved")
    page.get_by_label("Why it is corrected").fill("Normal since 2019.")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Show 1 correction").click()
    expect(page.get_by_text("Normal since 2019.")).to_be_visible()
    axe(page)


def test_what_is_missing_is_noted_read_and_decided(
    product: Product, cared: CaredFor, page_as: Callable[..., Page], faults: Faults, axe: Callable[[Page], None]
) -> None:
    keep_clearance(now=timezone.now())
    assert Task.objects.filter(
        patient=cared.patient, kind="clearance", state="open", about_code="clearance-ecg"
    )
    page = page_as(cared.prescriber)
    page.goto(f"/patients/{cared.patient.public_id}/assessment/clearance/")
    axe(page)
    page.get_by_role("link", name="Electrocardiogram").click()
    page.get_by_label("Result in words").fill("QTc 495 ms")
    page.get_by_label("Abnormal").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Say what is abnormal.")).to_be_visible()
    page.get_by_label("Interpretation").fill("Prolonged QT")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem").filter(has_text="Electrocardiogram")).to_contain_text(
        "Abnormal: decide"
    )
    page.get_by_role("link", name="Electrocardiogram").click()
    page.get_by_label("Accept, and go on").check()
    page.locator("#decide_reason").fill("Cardiologist agrees; repeat in a month.")
    page.get_by_role("button", name="Keep the decision").click()
    expect(page.get_by_role("listitem").filter(has_text="Electrocardiogram")).to_contain_text("Valid")
    assert not Task.objects.filter(patient=cared.patient, state="open", about_code="clearance-ecg")
    page.get_by_role("link", name="Airway").click()
    page.get_by_text("Waive…").click()
    page.locator("#waive_reason").fill("Seen by the anaesthetist in May.")
    axe(page)
    page.get_by_role("button", name="Waive", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text="Airway").first).to_contain_text("Waived")


def test_a_series_of_pressures_on_a_phone_and_the_sheet_on_one_page(
    product: Product, cared: CaredFor, page_as: Callable[..., Page], faults: Faults, axe: Callable[[Page], None]
) -> None:
    page = page_as(cared.monitor, narrow=True)
    page.goto(f"/patients/{cared.patient.public_id}/assessment/clearance/")
    page.get_by_text("Enter a series").click()
    yesterday = day_here(timezone.now()) - timedelta(days=1)
    page.locator("#pressure_on").fill(yesterday.isoformat())  # today these minutes may be ahead
    page.locator("#pressure_rest_minutes").fill("10")
    for n, (upper, lower) in enumerate((("128", "82"), ("126", "80"), ("124", "79"))):
        page.locator(f"#pressure_at_{n}").fill(f"00:0{n}")
        page.locator(f"#pressure_systolic_{n}").fill(upper)
        page.locator(f"#pressure_diastolic_{n}").fill(lower)
    page.get_by_role("button", name="Save the series").click()
    expect(page.get_by_text("Saved 3 readings.").first).to_be_visible()
    expect(page.locator("svg.pressure")).to_be_visible()
    axe(page)
    page.goto(f"/patients/{cared.patient.public_id}/assessment/summary/")
    page.get_by_text("Note answers").click()
    page.get_by_label("Somebody at every dose").check()
    page.get_by_role("button", name="Save the answers").click()
    expect(page.locator(".summary-sheet")).to_contain_text("Somebody at every dose")
    axe(page)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
