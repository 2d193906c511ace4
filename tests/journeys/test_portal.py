"""A patient and their telephone: invited, let in, writing, leaving; and staff on the other side."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.browsing import assert_no_sideways_scroll, eventually, press_twice, status
from tests.factories.access import a_user
from tests.factories.people import a_patient
from tests.factories.portal import a_help
from tests.factories.sites import a_site
from tests.journeys.conftest import PageAs
from tests.product import Product

from openkap.apps.access.models import SignIn, User
from openkap.apps.access.operations import choose_code
from openkap.apps.access.roles import Role
from openkap.apps.chart.queries import allergies_of, conditions_of, medications_of
from openkap.apps.intake.operations import begin_intake
from openkap.apps.intake.queries import current_intake
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.links import path_of
from openkap.apps.people.models import Patient
from openkap.apps.portal.operations import invite
from openkap.apps.tasks.queries import open_tasks_about

Axe = Callable[..., None]
SHOTS = os.environ.get("PORTAL_SHOTS")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def say_birth_date(page: Page, day: str, month: str, year: str) -> None:
    page.get_by_label("Day").fill(day)
    page.get_by_label("Month").select_option(label=month)
    page.get_by_label("Year").fill(year)
    page.get_by_role("button", name="Open").click()


def coordinator_and_patient() -> tuple[User, Patient]:
    site = a_site("Alder House")
    coordinator = a_user(Role.COORDINATOR, site=site, name="Ana Novakova")
    a_help(site, coordinator)
    return coordinator, a_patient(site, email="elena@example.org", phone="555 0100 200")


def test_from_the_invitation_to_the_record(product: Product, a_page: PageAs, page_as: PageAs, axe: Axe) -> None:
    coordinator, patient = coordinator_and_patient()
    staff = page_as(coordinator, f"/patients/{patient.public_id}/details/")
    axe(staff)
    shot(staff, "staff-details")
    staff.get_by_role("link", name="Invite").click()
    axe(staff)
    shot(staff, "staff-way-in")
    staff.get_by_role("button", name="Invite").click()
    expect(staff.get_by_role("heading", name="Hand over the link")).to_be_visible()
    axe(staff)
    shot(staff, "staff-hand-over")
    address = staff.get_by_label("The same as text").input_value()

    phone = a_page(narrow=True)
    phone.goto(address)
    axe(phone)
    shot(phone, "link")
    say_birth_date(phone, "13", "March", "1984")
    expect(phone.get_by_role("alert")).to_contain_text("Tries left: 4")
    say_birth_date(phone, "12", "March", "1984")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Keep it yours")
    axe(phone)
    shot(phone, "welcome")
    phone.get_by_role("link", name="A code of six digits").click()
    axe(phone)
    shot(phone, "code")
    phone.get_by_label("Six digits").fill("280917")
    phone.get_by_label("The same again").fill("280917")
    phone.get_by_role("button", name="Set my code").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Hello, Elena")
    axe(phone)
    shot(phone, "today")

    fill_in(phone, axe)
    review(staff, patient, axe)


def go_on(phone: Page) -> None:
    """To the next screen of the intake."""
    here = phone.url
    phone.get_by_role("button", name="Next").click()
    phone.wait_for_url(lambda url: url != here)


def fill_in(phone: Page, axe: Axe) -> None:
    phone.get_by_role("link", name="Start").click()
    axe(phone)
    shot(phone, "intake-start")
    phone.get_by_role("link", name="Start").click()
    expect(phone.get_by_label("Given names")).to_have_value("Elena")
    shot(phone, "intake-you")
    for _screen in range(4):
        axe(phone)
        go_on(phone)
    phone.get_by_label("Illnesses and operations").fill("asthma since 2010\nmigraine")
    expect(status(phone, "Saved")).to_be_visible()
    axe(phone)
    shot(phone, "intake-health")
    phone.reload()  # the tab was closed: what was typed is there
    expect(phone.get_by_label("Illnesses and operations")).to_have_value("asthma since 2010\nmigraine")
    go_on(phone)
    phone.get_by_label("Medicines").fill("sertraline 50 mg in the morning")
    go_on(phone)
    phone.get_by_label("I know of no allergy").check()
    go_on(phone)
    go_on(phone)
    phone.get_by_role("radio", name="I am not sure").check()
    axe(phone)
    shot(phone, "intake-home")
    go_on(phone)
    axe(phone)
    shot(phone, "intake-check")
    press_twice(phone.get_by_role("button", name="Hand it in"))
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you")
    axe(phone)


def review(staff: Page, patient: Patient, axe: Axe) -> None:
    intake = current_intake(patient)
    assert intake is not None
    staff.goto(f"/patients/{patient.public_id}/intake/{intake.public_id}/")
    axe(staff)
    shot(staff, "staff-review")
    assert not conditions_of(patient).exists()
    rows = staff.locator(".intake-point")
    for index in range(rows.count()):
        row = rows.nth(index)
        refuse = "migraine" in row.inner_text()
        row.get_by_label("What becomes of it").select_option(label="leave out" if refuse else "take over")
    staff.get_by_role("button", name="Save decisions").click()
    expect(staff.get_by_text("The intake is reviewed")).to_be_visible()
    assert [(row.text, row.provenance) for row in conditions_of(patient)] == [("asthma since 2010", "patient")]
    assert [row.text for row in medications_of(patient)] == ["sertraline 50 mg in the morning"]
    assert [row.text for row in allergies_of(patient)] == ["No known allergies"]
    assert not open_tasks_about(patient).exists()


def test_a_used_link_and_a_strange_one_open_nothing(product: Product, a_page: PageAs, axe: Axe) -> None:
    coordinator, patient = coordinator_and_patient()
    link = invite(by=coordinator, now=timezone.now(), patient=patient, channel=Channel.HANDED)
    first = a_page(narrow=True)
    first.goto(path_of(link.public_id))
    say_birth_date(first, "12", "March", "1984")
    expect(first.get_by_role("heading", level=1)).to_have_text("Keep it yours")
    second = a_page(narrow=True, dark=True)
    second.goto(path_of(link.public_id))
    expect(second.get_by_role("heading", level=1)).to_have_text("This link does not open any more")
    axe(second)
    shot(second, "link-void-dark")
    second.get_by_role("link", name="Ask for a new link").click()
    axe(second)
    shot(second, "ask-dark")
    second.get_by_label("Your e-mail address").fill("nobody@example.org")
    second.get_by_role("button", name="Send me a link").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Look at your messages")
    axe(second)


def signed_in(page_as: PageAs, path: str, **how: bool) -> tuple[Page, Patient]:
    coordinator, patient = coordinator_and_patient()
    now = timezone.now()
    invite(by=coordinator, now=now - timedelta(minutes=1), patient=patient, channel=Channel.HANDED)
    patient.refresh_from_db()
    assert patient.user is not None
    choose_code(by=patient.user, now=now, code="280917")
    begin_intake(by=coordinator, now=now, patient=patient)
    return page_as(patient.user, path, **how), patient


def test_every_own_page_is_accessible_narrow_and_dark(product: Product, page_as: PageAs, axe: Axe) -> None:
    page, _patient = signed_in(page_as, "/portal/", narrow=True, dark=True)
    for name in ("", "questions/", "plan/", "journal/", "help/", "me/", "me/seen-by/", "me/code/"):
        page.goto(f"/portal/{name}")
        axe(page)
        shot(page, f"dark-{name.replace('/', '-') or 'today'}")
        assert_no_sideways_scroll(page)
        expect(page.get_by_role("banner").get_by_role("link", name="Help now")).to_be_visible()
        expect(page.get_by_role("link", name="Leave")).to_be_visible()
    page.goto("/portal/me/")
    page.get_by_role("button", name="Larger").click()
    assert_no_sideways_scroll(page)
    axe(page)
    shot(page, "dark-me-larger")
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_the_quick_way_out_leaves_nothing_behind(product: Product, page_as: PageAs) -> None:
    page, patient = signed_in(page_as, "/portal/", narrow=True)
    page.context.route(
        "https://www.wikipedia.org/**",
        lambda route: route.fulfill(body="<p>weather</p>", content_type="text/html"),
    )
    page.goto("/portal/plan/")
    page.get_by_role("heading", level=1).click()
    left = page.locator("html[data-leaving]")
    for _try in range(3):  # twice within 800 ms: a busy machine may be slower than a hand
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        if "wikipedia" in page.url or left.count():
            break
    page.wait_for_url("https://www.wikipedia.org/")
    lately = timezone.now() - timedelta(minutes=1)
    eventually(
        page,
        lambda: SignIn.objects.filter(user=patient.user, last_active_at__lt=lately).exists(),
        "entry is locked",
    )
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Are you still here?")
    page.get_by_label("Your code").fill("280917")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Elena")


def test_two_devices_write_on_one_intake(product: Product, page_as: PageAs) -> None:
    first, patient = signed_in(page_as, "/portal/questions/about-me/someone/", narrow=True)
    assert patient.user is not None
    second = page_as(patient.user, "/portal/questions/about-me/someone/", narrow=True)
    first.get_by_label("Their name").fill("Tomas Marsh")
    expect(status(first, "Saved")).to_be_visible()
    second.get_by_label("Their telephone").fill("555 0199")
    expect(status(second, "Saved")).to_be_visible()
    first.reload()
    expect(first.get_by_label("Their name")).to_have_value("Tomas Marsh")
    expect(first.get_by_label("Their telephone")).to_have_value("555 0199")


def test_wide_screens_and_the_settings_of_help(product: Product, page_as: PageAs, axe: Axe) -> None:
    page, patient = signed_in(page_as, "/portal/help/")
    axe(page)
    shot(page, "wide-help")
    page.goto("/portal/")
    shot(page, "wide-today")
    coordinator = a_user(Role.COORDINATOR, site=patient.site)
    staff = page_as(coordinator, "/settings/help/")
    axe(staff)
    shot(staff, "staff-help")
    staff.get_by_label("Emergency number").fill("not a number")
    staff.get_by_role("button", name="Save").first.click()
    expect(staff.get_by_text("This is not a telephone number.").first).to_be_visible()
    staff.get_by_label("Emergency number").fill("112")
    staff.get_by_role("button", name="Save").first.click()
    expect(staff.get_by_text("This is not a telephone number.")).to_have_count(0)
    page.goto("/portal/help/")
    expect(page.get_by_role("link", name="I am in danger: 112")).to_be_visible()
