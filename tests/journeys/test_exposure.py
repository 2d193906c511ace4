"""A prescriber tries a dose and a booster: in a chart, as a teaching view, on paper and without script."""

from collections.abc import Callable

from django.test import Client
from playwright.sync_api import Browser, Page, expect
from tests.browsing import Faults, assert_good_in_every_look
from tests.factories.access import sign_in
from tests.factories.tasks import CaredFor, cared_for
from tests.product import Product

PageAs = Callable[..., Page]
Check = Callable[..., None]


def fill(page: Page, **values: str) -> None:
    """Fill or choose in the form, by the fields' own names."""
    for name, value in values.items():
        field = page.locator(f"[name={name}]")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def a_booster(page: Page, cared: CaredFor) -> None:
    """35 mg over 40 minutes and 10 mg at minute 60, from the chart."""
    page.get_by_role("link", name="Try a dose").last.click()
    fill(page, weight_kg="70", drug="ketamine", route="iv", amount="35", duration="40", level="60")
    page.get_by_text("Boosters", exact=True).click()
    fill(page, booster_1_amount="10", booster_1_at="60", booster_1_over="10")
    page.get_by_role("button", name="Show the prediction").click()
    expect(page.get_by_role("heading", name="Predicted, not measured")).to_be_visible()


def test_a_dose_and_a_booster_in_a_chart(page_as: PageAs) -> None:
    cared = cared_for()
    page = page_as(cared.prescriber, f"/patients/{cared.patient.public_id}/")
    a_booster(page, cared)
    assert "?" not in page.url  # nothing of what was asked stands in the address
    expect(page.get_by_role("row", name="Highest level (Cmax)")).to_be_visible()
    expect(page.get_by_text("never counts toward discharge").first).to_be_visible()
    expect(page.get_by_text("10 mg over 10 min at minute 60").first).to_be_visible()
    assert_good_in_every_look(page, "try-a-dose-booster")


def test_a_fault_is_said_at_its_field_and_what_was_typed_stays(
    page_as: PageAs, axe: Check, faults: Faults
) -> None:
    faults.expect("400")
    page = page_as(cared_for().monitor, "/exposure/")
    expect(page.get_by_text("No prediction yet")).to_be_visible()
    fill(page, weight_kg="70", drug="ketamine", route="in", amount="2", unit="devices")
    page.get_by_role("button", name="Show the prediction").click()
    expect(page.get_by_text("racemic spray is refused")).to_be_visible()
    expect(page.locator("[name=amount]")).to_have_value("2")
    axe(page)
    fill(page, drug="esketamine")
    page.get_by_role("button", name="Show the prediction").click()
    expect(page.get_by_role("heading", name="Predicted, not measured")).to_be_visible()


def test_two_regimens_side_by_side(page_as: PageAs) -> None:
    page = page_as(cared_for().medical_director, "/exposure/")
    fill(page, weight_kg="70", age_years="30", amount="35", duration="40")
    page.get_by_text("Compare with a second regimen").click()
    page.get_by_label("Put a second regimen beside it").check()
    fill(page, other_drug="esketamine", other_route="in", other_amount="2", other_unit="devices")
    page.get_by_role("button", name="Show the prediction").click()
    expect(page.get_by_text("It is not a dose conversion")).to_be_visible()
    expect(page.locator(".plots").first.locator("svg.timeline")).to_have_count(2)
    assert_good_in_every_look(page, "two-regimens")


def test_on_paper_only_the_answer(page_as: PageAs) -> None:
    cared = cared_for()
    page = page_as(cared.prescriber, f"/patients/{cared.patient.public_id}/")
    a_booster(page, cared)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Show the prediction")).to_be_hidden()
    expect(page.get_by_text("What this rests on")).to_be_visible()
    expect(page.get_by_text(cared.patient.record_number).first).to_be_visible()


def test_without_script(browser: Browser, product: Product) -> None:
    cared = cared_for()
    context = browser.new_context(base_url=product.address, java_script_enabled=False)
    session = sign_in(Client(), cared.prescriber).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": product.address}])
    page = context.new_page()
    page.goto("/exposure/")
    fields = {"weight_kg": "70", "amount": "35", "duration": "40"}
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Show the prediction").click()
    expect(page.get_by_role("heading", name="Predicted, not measured")).to_be_visible()
    expect(page.get_by_role("row", name="Highest level (Cmax)")).to_contain_text("167")
    context.close()
