"""The shell in a browser: components under axe, light and dark, wide and narrow; theme, menu, drafts, lock."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browsing import Faults, assert_good_in_every_look
from tests.factories.access import PASSWORD, a_user
from tests.factories.planning import a_plan, ready_for_plan
from tests.factories.tasks import cared_for

from openkap.apps.access.models import SignIn
from openkap.apps.access.roles import Role
from openkap.web.models import Draft

LOCKED = """() => document.dispatchEvent(new CustomEvent("openkap:locked",
  {detail: {resume: () => { document.title = "resumed" }}}))"""
PageAs = Callable[..., Page]
Check = Callable[..., None]


def test_every_component_is_accessible(page_as: PageAs, axe: Check) -> None:
    page = page_as(a_user(Role.ADMINISTRATOR), "/gallery/")
    assert_good_in_every_look(page, "gallery")
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Table", exact=True).click()
    expect(page.get_by_role("region", name="Timeline as a table")).to_be_visible()
    axe(page, within=".figure")
    page.get_by_role("button", name="End the plan").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    axe(page, within="dialog[open]")


def test_today_chart_and_settings_are_accessible(page_as: PageAs) -> None:
    cared = ready_for_plan(cared_for())
    a_plan(cared)
    page = page_as(cared.medical_director)
    for path, name in (
        ("/", "today"),
        (f"/patients/{cared.patient.public_id}/", "chart"),
        ("/settings/", "settings"),
    ):
        page.goto(path)
        assert_good_in_every_look(page, name)


def test_light_or_dark_follows_the_system_until_somebody_chooses(page_as: PageAs) -> None:
    page = page_as(a_user(Role.MONITOR), dark=True)
    html = page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="Light", exact=True).first.click()
    expect(html).to_have_attribute("data-bs-theme", "light")
    page.reload()
    expect(html).to_have_attribute("data-bs-theme", "light")
    page.get_by_role("button", name="As the device", exact=True).first.click()
    expect(html).to_have_attribute("data-bs-theme", "dark")


def test_the_menu_opens_on_a_narrow_screen(page_as: PageAs, axe: Check) -> None:
    page = page_as(a_user(Role.MONITOR), narrow=True)
    patients = page.get_by_role("link", name="Patients", exact=True)
    expect(patients).to_be_hidden()
    menu = page.get_by_role("button", name="Menu")
    menu.click()
    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(patients).to_be_visible()
    axe(page)
    patients.click()
    page.wait_for_url("**/patients/")


def test_the_keyboard_skips_to_the_content(page_as: PageAs) -> None:
    page = page_as(a_user(Role.MONITOR), "/settings/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_messages_can_be_closed(page_as: PageAs) -> None:
    page = page_as(a_user(Role.ADMINISTRATOR), "/gallery/")
    message = page.get_by_text("A message after a change looks like this.")
    expect(message).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(message).to_have_count(0)


def test_an_unknown_address_is_answered_kindly(page_as: PageAs, axe: Check) -> None:
    page = page_as(a_user(Role.MONITOR), "/no/such/page/")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    axe(page)


def test_what_is_typed_survives_closing_the_tab_until_it_is_sent(page_as: PageAs) -> None:
    user = a_user(Role.ADMINISTRATOR)
    page = page_as(user, "/gallery/")
    page.locator("#draft_note").fill("She slept through, for the first time.")
    expect(page.get_by_text("Kept as a draft")).to_be_visible()
    assert Draft.objects.get(user=user).fields["note"] == ["She slept through, for the first time."]
    page.close()

    again = page_as(user, "/gallery/")
    expect(again.locator("#draft_note")).to_have_value("She slept through, for the first time.")
    expect(again.get_by_text("It is not saved yet")).to_be_visible()
    assert again.evaluate("() => localStorage.length + sessionStorage.length") == 0
    again.get_by_role("button", name="Start afresh").click()
    expect(again.locator("#draft_note")).to_have_value("")
    assert not Draft.objects.filter(user=user).exists()


def test_locked_entry_is_asked_for_over_the_page_and_then_goes_on(
    page_as: PageAs, faults: Faults, axe: Check
) -> None:
    user = a_user(Role.ADMINISTRATOR, password=PASSWORD)
    page = page_as(user, "/gallery/")
    page.evaluate(LOCKED)
    expect(page.get_by_role("dialog")).to_be_visible()
    axe(page, within="dialog[open]")
    SignIn.objects.filter(user=user).update(last_active_at="2020-01-01T00:00:00Z")
    faults.expect("423")
    page.get_by_label("Password").fill("wrong password entirely")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("not the password")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page).to_have_title("resumed")


def test_somebody_who_types_for_long_is_not_locked_out(page_as: PageAs) -> None:
    user = a_user(Role.ADMINISTRATOR)
    page = page_as(user, "/settings/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("Tab")
    assert not any("/still-here/" in url for url in asked), "the page itself was a request"
    page.clock.install()
    page.reload()
    page.clock.fast_forward("01:01")
    with page.expect_request("**/still-here/"):
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert sum("/still-here/" in url for url in asked) == 1
