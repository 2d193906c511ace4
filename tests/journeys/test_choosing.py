"""Choosing what to try next: with the prescriber, on the patient's telephone, on paper; and which therapy."""

import re
from collections.abc import Callable

from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.browsing import assert_good_in_every_look, assert_no_sideways_scroll
from tests.factories.choosing import Choosing, a_choice

from openkap.apps.assessment.choosing import latest_preferences, prices_at, talks_of
from openkap.apps.assessment.matching import chosen_method

PageAs = Callable[..., Page]
Check = Callable[..., None]


def options_of(who: Choosing, asked: str = "") -> str:
    return f"/patients/{who.patient.public_id}/assessment/options/{asked}"


def method_of(who: Choosing) -> str:
    return f"/patients/{who.patient.public_id}/assessment/method/"


def test_a_prescriber_goes_through_the_options_and_signs_the_talk(page_as: PageAs) -> None:
    who = a_choice(timezone.now())
    page = page_as(who.prescriber, options_of(who))
    expect(page.get_by_text("It is not known how many medicines were tried")).to_be_visible()
    page.get_by_label("Medicines that did not help enough").select_option("2")
    page.get_by_role("button", name="Show for these").click()
    first = page.locator(".comparison").first
    expect(first.get_by_role("img")).to_have_count(2)
    expect(first.get_by_role("img").first).to_have_attribute(
        "aria-label", re.compile(r"55 of 100 were much better")
    )
    expect(first.get_by_text("No comparable figure:")).to_contain_text("Magnetic stimulation")
    source = first.locator("details.source").first
    expect(source.get_by_text("N Engl J Med")).to_be_hidden()
    source.locator("summary").click()
    expect(source.get_by_text("N Engl J Med")).to_be_visible()
    page.get_by_text("Record a talk").click()
    page.locator("#talk-option-ect").select_option("Not wanted")
    page.get_by_label("What was said optional").fill("Wants to keep her memory clear.")
    page.get_by_role("button", name="Sign the talk").click()
    expect(page.get_by_text("ECT: Not wanted")).to_be_visible()
    assert talks_of(who.patient).get().circumstances["failed_trials"] == 2


def test_a_patient_reads_and_marks_on_the_phone_and_the_prescriber_sees_it(page_as: PageAs, axe: Check) -> None:
    who = a_choice(timezone.now())
    page = page_as(who.account, "/portal/", narrow=True)
    page.get_by_role("link", name="Look at the options").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Choosing what to try next")
    assert_no_sideways_scroll(page)
    axe(page)
    page.get_by_label("Keeping my memory clear").check()
    page.get_by_label("What worries you optional").fill("Losing control during it.")
    page.get_by_label("How much do you think treatment will help you?").select_option("6")
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("Kept. Your team sees it.")).to_be_visible()
    said = latest_preferences(who.patient)
    assert said is not None
    assert (said.by_patient, said.matters, said.expectancy) == (True, ["memory"], 6)
    staff = page_as(who.prescriber, options_of(who))
    expect(staff.get_by_text("Losing control during it.").first).to_be_visible()
    expect(staff.get_by_text("Marked by the patient")).to_be_visible()


def test_it_prints_on_two_pages(page_as: PageAs) -> None:
    who = a_choice(timezone.now())
    page = page_as(who.prescriber, options_of(who, "?failed=2"))
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 2


def test_a_price_is_entered_before_anybody_consents(page_as: PageAs, axe: Check) -> None:
    who = a_choice(timezone.now())
    page = page_as(who.coordinator, "/settings/")
    page.get_by_role("link", name="Prices").click()
    axe(page)
    page.get_by_role("link", name="Change the price of Ketamine by drip").click()
    page.get_by_label("Amount").fill("180")
    page.get_by_label("Currency").fill("EUR")
    axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("180.00 EUR a visit")).to_be_visible()
    assert "option-ketamine-iv" in prices_at(who.site)
    staff = page_as(who.prescriber, options_of(who))
    expect(staff.locator(".option").first).to_contain_text("180 EUR a visit")


def test_a_therapist_asks_and_decides_which_method(page_as: PageAs, axe: Check) -> None:
    who = a_choice(timezone.now())
    page = page_as(who.therapist, method_of(who))
    page.get_by_label(re.compile("grim pictures")).select_option("9")
    page.get_by_role("button", name="Save the interview").click()
    expect(page.get_by_text("The methods are weighed anew.")).to_be_visible()
    expect(page.locator(".method").first).to_contain_text("Accelerated Resolution Therapy")
    expect(page.locator(".method").first).to_contain_text("Not known: ask")
    page.get_by_label("Therapy begins with").select_option(label="Accelerated Resolution Therapy")
    page.get_by_label("Reason").fill("Pictures push in all day; does not want to tell them aloud.")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Signed. Therapy notes begin with this method.")).to_be_visible()
    assert chosen_method(who.patient) == "therapy-art"


def test_the_pages_are_accessible_and_fit(page_as: PageAs) -> None:
    who = a_choice(timezone.now())
    page = page_as(who.prescriber)
    for name, path in (("options", options_of(who, "?failed=2")), ("method", method_of(who))):
        page.goto(path)
        folded = page.locator("details.option-fold, details.option-others")
        folded.evaluate_all("all => all.slice(0, 2).forEach(one => (one.open = true))")
        assert_good_in_every_look(page, name)
    assert_good_in_every_look(page_as(who.account, "/portal/options/"), "portal-options")
