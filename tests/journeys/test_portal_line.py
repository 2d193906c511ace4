"""A patient on a poor line: what is answered is never lost, and help and the plan are there without one."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.browsing import Faults, assert_no_sideways_scroll, eventually, press_twice, status
from tests.factories.measures import an_ask
from tests.factories.portal import a_help, let_in
from tests.factories.safety import a_safety_plan
from tests.factories.tasks import CaredFor, cared_for
from tests.journeys.conftest import PageAs
from tests.journeys.test_access import a_virtual_key
from tests.product import Product

from openkap.apps.measures.models import Filling, Response
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.links import path_of
from openkap.apps.portal.operations import invite

Axe = Callable[..., None]
Shot = Callable[..., None]
SLOW = {"offline": False, "latency": 15_000, "downloadThroughput": 8_000, "uploadThroughput": 8_000}
USUAL = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    for (const key of await (await caches.open(name)).keys()) found.push(new URL(key.url).pathname);
  }
  return found.filter((path) => !path.startsWith('/static/')).sort();
}"""


HELP, OFFLINE, PLAN = "/portal/kept/help/", "/portal/kept/offline/", "/portal/kept/plan/"


def await_kept(phone: Page, *paths: str) -> None:
    """Wait until the device keeps exactly these pages."""
    eventually(phone, lambda: phone.evaluate(KEPT) == list(paths), f"the device keeps {paths}")


def await_answers(page: Page, answers: dict[str, int]) -> None:
    """Wait until the server has exactly these answers."""
    eventually(page, lambda: Filling.objects.get().answers == answers, f"the server has {answers}")


def asked() -> CaredFor:
    care = cared_for()
    a_help(care.site)
    a_safety_plan(care.patient, care.therapist, helpers="Marta, 555 0178")
    an_ask(care.patient, "gad-2", timezone.now())
    return care


def test_on_a_poor_line_answers_wait_and_help_is_there(
    product: Product, page_as: PageAs, axe: Axe, faults: Faults, screenshot: Shot
) -> None:
    care = asked()
    user = let_in(care.patient)
    phone = page_as(user, "/portal/safety-plan/", narrow=True)
    await_kept(phone, HELP, OFFLINE)
    phone.get_by_role("button", name="Keep it on this telephone").click()
    expect(phone.get_by_role("button", name="Take it off this telephone")).to_be_visible()
    axe(phone)

    answer_slowly(phone, axe, screenshot)
    be_without_line(phone, axe, faults, screenshot)
    other = page_as(user, "/portal/me/", narrow=True, dark=True)
    other.get_by_role("button", name="Larger").click()
    go_on_elsewhere(phone, other, axe, screenshot)

    phone.get_by_role("button", name="Next").click()
    press_twice(phone.get_by_role("button", name="Hand it in"))
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert Response.objects.get().answers == {"1": 3, "2": 0}
    await_kept(phone, HELP, OFFLINE, PLAN)
    phone.goto("/portal/me/")
    phone.get_by_role("button", name="Sign out", exact=True).click()
    phone.wait_for_url("**/sign-in/link/")
    await_kept(phone, HELP, OFFLINE)


def answer_slowly(phone: Page, axe: Axe, screenshot: Shot) -> None:
    """An answer that the line is slow with is said to wait, and then to be saved."""
    phone.goto("/portal/questions/form/gad-2/")
    phone.get_by_role("button", name="Start").click()
    expect(phone.get_by_text("1 of 2")).to_be_visible()
    axe(phone)
    assert_no_sideways_scroll(phone)
    screenshot(phone, "portal-question")
    line = phone.context.new_cdp_session(phone)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    phone.get_by_role("button", name="Next").click()
    expect(phone.get_by_role("alert").filter(has_text="Choose an answer")).to_be_visible()
    phone.get_by_role("radio", name="Not at all").check()
    expect(phone.get_by_role("status").filter(has_text="Not saved yet")).to_be_visible()
    line.send("Network.emulateNetworkConditions", USUAL)
    expect(status(phone, "Saved")).to_be_visible()
    await_answers(phone, {"1": 0})
    line.detach()


def be_without_line(phone: Page, axe: Axe, faults: Faults, screenshot: Shot) -> None:
    """The line goes: the questions go on, answers stay here, help and the plan open; then it comes back."""
    for failed in ("ERR_FAILED", "ERR_INTERNET_DISCONNECTED"):
        faults.expect(failed)  # on a busy machine the browser tells of it after the line is back
    with faults.network_cut(phone):
        phone.get_by_role("radio", name="Several days").check()
        phone.get_by_role("button", name="Next").click()
        expect(phone.get_by_text("2 of 2")).to_be_visible()
        phone.get_by_role("radio", name="More than half the days").check()
        phone.get_by_role("button", name="Next").click()
        expect(phone.get_by_role("status").filter(has_text="Not saved yet")).to_be_visible()
        expect(phone.get_by_text("2 of 2")).to_be_visible()
        phone.goto("/portal/help/")
        expect(phone.get_by_role("link", name="I am in danger: 911")).to_be_visible()
        expect(phone.get_by_text("This page is from your telephone")).to_be_visible()
        axe(phone)
        screenshot(phone, "portal-help-offline")
        phone.get_by_role("link", name="My safety plan").click()
        expect(phone.get_by_role("link", name="Marta, 555 0178")).to_have_attribute("href", "tel:5550178")
        axe(phone)
        phone.goto("/portal/plan/")
        expect(phone.get_by_role("heading", level=1)).to_have_text("There is no internet just now")
        axe(phone)
        assert_no_sideways_scroll(phone)
        screenshot(phone, "portal-offline")
    expect(phone.get_by_role("heading", level=1)).not_to_have_text("There is no internet just now")  # by itself
    await_answers(phone, {"1": 1, "2": 2})  # sent from whichever page is open
    phone.goto("/portal/questions/form/gad-2/all/")


def go_on_elsewhere(phone: Page, other: Page, axe: Axe, screenshot: Shot) -> None:
    """A second device continues; where both answered, the one that comes later says so and offers the other."""
    other.goto("/portal/questions/form/gad-2/all/")
    expect(other.get_by_text("2 of 2")).to_be_visible()
    other.get_by_role("radio", name="Not at all").check()
    expect(status(other, "Saved")).to_be_visible()
    await_answers(other, {"1": 1, "2": 0})
    other.get_by_role("link", name="Back").click()
    other.get_by_role("radio", name="Nearly every day").check()
    await_answers(other, {"1": 3, "2": 0})
    axe(other)
    assert_no_sideways_scroll(other)
    screenshot(other, "portal-question-large")
    phone.get_by_role("link", name="Back").click()
    phone.get_by_role("radio", name="More than half the days").check()
    note = phone.get_by_role("status").filter(has_text="On another device you answered: Nearly every day")
    expect(note).to_be_visible()
    axe(phone)
    screenshot(phone, "portal-two-devices")
    phone.get_by_role("button", name="Take the other answer").click()
    phone.get_by_role("button", name="Next").click()
    expect(phone.get_by_role("status").filter(has_text="Answered on another device")).to_be_visible()
    expect(phone.get_by_role("radio", name="Not at all")).to_be_checked()


def test_a_passkey_is_added_after_the_link_opens_the_pages_and_is_removed(
    product: Product, a_page: PageAs, axe: Axe
) -> None:
    care = cared_for()
    now = timezone.now()
    link = invite(
        by=care.coordinator, now=now - timedelta(minutes=1), patient=care.patient, channel=Channel.HANDED
    )
    born = care.patient.birth_date
    phone = a_page(narrow=True)
    a_virtual_key(phone)
    phone.goto(path_of(link.public_id))
    phone.get_by_label("Day").fill(str(born.day))
    phone.get_by_label("Month").select_option(index=born.month)
    phone.get_by_label("Year").fill(str(born.year))
    phone.get_by_role("button", name="Open").click()
    phone.get_by_role("link", name="Finger or face").click()
    axe(phone)
    phone.get_by_label("Name of this passkey").fill("my telephone")
    phone.get_by_role("button", name="Add passkey").click()
    expect(phone.get_by_label("Name of this passkey")).to_have_count(0)
    phone.goto("/portal/me/")
    expect(phone.get_by_text("Your finger or face opens them.")).to_be_visible()
    phone.get_by_role("button", name="Sign out", exact=True).click()
    phone.get_by_role("button", name="Use my passkey").click()
    expect(phone.get_by_role("navigation", name="Your pages")).to_be_visible()
    phone.goto("/portal/me/")
    phone.get_by_role("link", name="Remove my telephone").click()
    axe(phone)
    phone.get_by_role("button", name="Remove").click()
    expect(phone.get_by_text("Nothing keeps others out of this telephone yet.")).to_be_visible()
