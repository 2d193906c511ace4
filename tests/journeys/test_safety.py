"""From what a patient answers on the telephone to a decision, and the plan that goes with them."""

import os
import re
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.browsing import eventually
from tests.factories.access import a_user
from tests.factories.dosing import a_sitting
from tests.factories.measures import an_ask
from tests.factories.portal import a_help, let_in
from tests.factories.safety import a_rota
from tests.factories.tasks import cared_for
from tests.journeys.conftest import PageAs
from tests.product import Product

from openkap.apps.access.roles import Role
from openkap.apps.safety.queries import holds_dosing
from openkap.apps.tasks.models import Alert
from openkap.core.assessment.suicide_risk import Hold

Axe = Callable[..., None]
SHOTS = os.environ.get("SAFETY_SHOTS")
BETWEEN_LOOKS = (
    20_000  # milliseconds by a page's own clock: a third of the minute in which an alert must be seen
)


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def hurried(page: Page, path: str) -> Page:
    """The page at `path`, on whose clock time can be let pass: nobody waits, and a slow machine is not late."""
    page.clock.install()
    page.goto(path)
    return page


def answer(phone: Page, words: str) -> None:
    """Answer the question that is put, and go on once it is gone: the address settles late, and is no sign."""
    put = phone.locator("fieldset[data-question]:visible")
    expect(put).to_have_count(1)
    name = put.evaluate("one => one.dataset.question")
    put.get_by_role("radio", name=words, exact=True).check()
    phone.get_by_role("button", name="Next").click()
    expect(phone.locator(f"fieldset[data-question='{name}']")).to_be_hidden()


def test_an_acute_answer_reaches_who_is_on_duty_and_holds_dosing(
    product: Product, page_as: PageAs, axe: Axe
) -> None:
    care = cared_for()
    a_help(care.site)
    a_rota(care.site, care.prescriber, time(0), time(0))
    an_ask(care.patient, "asq", timezone.now())
    sitting = a_sitting(care, zero=timezone.now() + timedelta(minutes=20))
    console = hurried(page_as(care.monitor), f"/dosing/{sitting.session.public_id}/")
    staff = hurried(page_as(care.prescriber), "/")
    phone = page_as(let_in(care.patient), "/portal/questions/form/asq/", narrow=True)
    phone.get_by_role("button", name="Start").click()
    for words in ("No", "No", "Yes", "No", "Yes"):
        answer(phone, words)
    eventually(phone, Alert.objects.exists, "the alert is raised")

    strip = staff.get_by_role("alert").get_by_role("link", name="1 alert needs someone now")
    in_console = console.get_by_role("link", name="1 alert needs someone now")
    for page, seen in ((staff, strip), (console, in_console)):
        page.clock.fast_forward(BETWEEN_LOOKS)
        expect(seen).to_be_visible()
    expect(staff.get_by_text("It names you", exact=True)).to_be_visible()
    expect(staff).to_have_title(re.compile(r"^\(1!\) "))
    sound = staff.get_by_role("button", name="Sound")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "false")
    axe(staff)
    shot(staff, "strip")
    shot(console, "strip-console")
    strip.click()
    expect(staff.get_by_text("ACUTE; ASQ question 3")).to_be_visible()
    axe(staff)
    staff.get_by_text("Acknowledge", exact=True).click()
    staff.get_by_label("What was done").first.fill("On the line with her, sister on the way")
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.get_by_text("Acknowledged:")).to_be_visible()
    expect(strip).to_be_hidden()

    staff.goto(f"/patients/{care.patient.public_id}/safety/")
    expect(staff.get_by_text("Dosing is held")).to_be_visible()
    axe(staff)
    shot(staff, "safety-high")
    staff.get_by_label("Ideation, most severe").select_option(label="4: with some intent")
    staff.get_by_role("group", name="Behaviour in the last 3 months").get_by_label("no", exact=True).check()
    staff.get_by_role("group", name="Behaviour ever").get_by_label("no", exact=True).check()
    staff.get_by_role("button", name="Keep the result").click()
    expect(staff.get_by_text("C-SSRS result", exact=True)).to_be_visible()
    assert holds_dosing(care.patient) is Hold.DECISION_OPEN
    staff.get_by_label("No dose", exact=True).check()
    staff.get_by_label("Why").fill("Intent today; seen with her sister, goes to the emergency unit")
    staff.get_by_role("button", name="Sign the decision").click()
    expect(staff.get_by_text("dosing was not released")).to_be_visible()
    assert holds_dosing(care.patient) is Hold.HIGH_RISK
    expect(staff.get_by_text("On the line with her, sister on the way")).to_be_visible()
    console.clock.fast_forward(BETWEEN_LOOKS)
    expect(in_console).to_be_hidden()
    shot(staff, "safety-decided")


def test_a_plan_written_together_is_on_the_telephone(product: Product, page_as: PageAs, axe: Axe) -> None:
    care = cared_for()
    a_help(care.site)
    staff = page_as(care.therapist, f"/patients/{care.patient.public_id}/safety/plan/")
    staff.get_by_label("How I notice").fill("I stop answering the telephone")
    staff.get_by_label("People I can ask").fill("Marta, 555 0178")
    staff.get_by_role("radio", name="yes", exact=True).check()
    staff.get_by_role("button", name="Save the plan").click()
    expect(staff.get_by_text("The patient sees it on their telephone")).to_be_visible()
    axe(staff)
    shot(staff, "plan")
    phone = page_as(let_in(care.patient), "/portal/help/", narrow=True, dark=True)
    axe(phone)
    shot(phone, "help-dark")
    phone.get_by_role("link", name="My safety plan").click()
    expect(phone.get_by_role("link", name="Marta, 555 0178")).to_have_attribute("href", "tel:5550178")
    axe(phone)
    shot(phone, "own-plan-dark")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_rota_and_the_days_list(product: Product, page_as: PageAs, axe: Axe) -> None:
    care = cared_for()
    coordinator = a_user(Role.COORDINATOR, site=care.site)
    staff = page_as(coordinator, f"/settings/duty/{care.site.public_id}/")
    staff.get_by_role("region", name="Put somebody on duty").get_by_label("Who").select_option(index=1)
    staff.get_by_label("Every week on").select_option(label="Monday")
    staff.get_by_label("From").fill("08:00")
    staff.get_by_label("Until").fill("18:00")
    staff.get_by_role("button", name="Add", exact=True).click()
    expect(staff.get_by_text("Monday, 08:00")).to_be_visible()
    axe(staff)
    shot(staff, "rota")
    director = page_as(care.medical_director, f"/settings/duty/{care.site.public_id}/times/")
    director.get_by_label("Minutes: It goes on", exact=False).fill("20")
    director.get_by_label("Why").fill("One prescriber for two houses")
    director.get_by_role("button", name="Sign for this site").click()
    director.get_by_role("checkbox", name="It goes on when nobody").check()
    shot(director, "times-sign")
    axe(director)
    director.get_by_role("button", name="Sign for this site").click()
    expect(director.get_by_text("looser than the record, signed")).to_be_visible()
    shot(director, "times")
    narrow = page_as(coordinator, "/safety/review/", narrow=True)
    axe(narrow)
    shot(narrow, "review-narrow")
    assert narrow.evaluate("document.documentElement.scrollWidth <= innerWidth")
