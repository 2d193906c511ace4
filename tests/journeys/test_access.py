"""At the door: a first day, passkeys, recovery codes, idle time, signing out, and who is turned away."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import CDPSession, Page, expect
from tests.factories.access import PASSWORD, a_user
from tests.factories.dosing import Sitting, a_sitting
from tests.factories.sites import a_site
from tests.factories.therapy import after_a_dose
from tests.journeys.people import (
    await_steady_code,
    give_authenticator,
    give_password,
    sign_in_by_form,
)
from tests.product import Product

from openkap.apps.access.models import SignIn, User
from openkap.apps.access.roles import Role
from openkap.apps.dosing.models import Event
from openkap.apps.therapy.models import IntegrationNote

PageAs = Callable[..., Page]
Check = Callable[..., None]

NEWCOMER = "noor.haddad@clinic.example"
CHOSEN = "quiet harbour seventeen kites"
MISMATCH = "This e-mail address and password do not belong together. Try again."


def app_code(secret: str, at: float) -> str:
    """What any authenticator app shows for the key at that time (RFC 6238: SHA-1, 30 s, six digits)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at) // 30), hashlib.sha1)
    (cut,) = struct.unpack_from(">I", digest, digest[-1] & 0x0F)
    return f"{(cut & 0x7FFFFFFF) % 10**6:06}"


def a_set_up_link(administrators: Page) -> str:
    """The link for a new member of staff, as the administrator reads it."""
    administrators.get_by_role("link", name="Add someone").click()
    administrators.get_by_label("Name").fill("Noor Haddad")
    administrators.get_by_label("E-mail").fill(NEWCOMER)
    administrators.get_by_label("Site").select_option(label="Heronsgate")
    administrators.get_by_label("Role").select_option(label="Therapist")
    administrators.get_by_role("button", name="Add, and make a set-up link").click()
    return administrators.get_by_label("Link").input_value()


def give_password_at_the_door(page: Page, email: str, password: str) -> None:
    """Fill and send the form of the sign-in page, which must be shown already."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in", exact=True).click()


def give_code(page: Page, code: str) -> None:
    page.get_by_label("Code").fill(code)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/sign-in/")


def expect_today(page: Page) -> None:
    expect(page.get_by_role("navigation", name="Main navigation")).to_be_visible()
    expect(page.get_by_role("link", name="Today", exact=True)).to_have_attribute("aria-current", "page")


def be_idle(user: User) -> None:
    """Let the person's last work lie an hour back."""
    SignIn.objects.filter(user=user).update(last_active_at=timezone.now() - timedelta(hours=1))


def unlock(page: Page, password: str) -> None:
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Resume").click()


def test_the_code_is_that_of_the_standard() -> None:
    """RFC 6238, appendix B: the last six of the eight digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert [app_code(secret, at) for at in (59, 1111111109, 20000000000)] == ["287082", "081804", "353130"]


def test_a_first_day_from_the_set_up_link_to_today_and_back_by_code_and_recovery_code(
    page_as: PageAs, a_page: PageAs, axe: Check
) -> None:
    site = a_site("Heronsgate")
    link = a_set_up_link(page_as(a_user(Role.ADMINISTRATOR, site=site), "/settings/staff/"))

    page = a_page()
    page.goto(link)
    expect(page.get_by_role("heading", name="Welcome, Noor Haddad")).to_be_visible()
    axe(page)
    page.get_by_label("Password").fill("short")
    page.get_by_label("The same again").fill("short")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Password").fill(CHOSEN)
    page.get_by_label("The same again").fill(CHOSEN)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("Your password is set.")).to_be_visible()
    give_password_at_the_door(page, NEWCOMER, CHOSEN)
    page.wait_for_url("**/settings/security/")

    expect_nothing_else_to_open(page)
    axe(page)
    secret, codes = enrol_app(page, axe)
    page.goto("/settings/")
    page.get_by_role("link", name="Today", exact=True).click()
    expect_today(page)
    used_up = a_page()
    answer = used_up.goto(link)
    assert answer is not None
    assert answer.status == 410

    sign_out(page)
    come_back(page, secret, codes)


def expect_nothing_else_to_open(page: Page) -> None:
    """Whatever a newcomer without second factor asks for, it is the page to add one."""
    for path in ("/", "/patients/", "/schedule/", "/settings/", "/settings/staff/", "/knowledge/"):
        page.goto(path)
        page.wait_for_url("**/settings/security/")
        expect(page.get_by_role("heading", name="Add a second factor")).to_be_visible()
        expect(page.get_by_role("navigation")).to_have_count(0)


def enrol_app(page: Page, axe: Check) -> tuple[str, list[str]]:
    """Set up the authenticator app; its key, and the recovery codes that are shown once."""
    page.get_by_role("link", name="Set up an app").click()
    axe(page)
    secret = page.locator("dl.facts code").inner_text()
    await_steady_code()
    page.get_by_label("Code the app shows now").fill(app_code(secret, time.time()))
    page.get_by_role("button", name="Finish set-up").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    axe(page)
    expect(page.get_by_role("link", name="I have kept them")).to_be_visible()  # it stands below the codes
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(set(codes)) >= 8
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text(f"{len(codes)} codes left")).to_be_visible()
    page.go_back()  # neither the browser nor the server shows them again
    expect(page.get_by_text("cannot be shown again")).to_be_visible()
    assert codes[0] not in page.content()
    return secret, codes


def come_back(page: Page, secret: str, codes: list[str]) -> None:
    """Sign in with the app's code, and again with a recovery code; neither works twice."""
    give_password_at_the_door(page, NEWCOMER, CHOSEN)
    await_steady_code()
    code = app_code(secret, time.time())
    give_code(page, code)
    expect_today(page)
    sign_out(page)
    give_password_at_the_door(page, NEWCOMER, CHOSEN)
    give_code(page, code)
    expect(page.get_by_text("This code is not right, or has run out.")).to_be_visible()
    give_code(page, codes[0])
    expect_today(page)
    page.goto("/settings/security/")
    expect(page.get_by_text(f"{len(codes) - 1} codes left")).to_be_visible()
    sign_out(page)
    give_password_at_the_door(page, NEWCOMER, CHOSEN)
    give_code(page, codes[0])
    expect(page.get_by_text("This code is not right, or has run out.")).to_be_visible()
    page.goto("/")
    expect(page).to_have_url(re.compile(r"/sign-in/"))


def a_virtual_key(page: Page) -> tuple[CDPSession, str]:
    """A passkey device of the browser's own, which checks its holder."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, added["authenticatorId"]


def test_a_passkey_is_added_and_then_signs_in_alone(a_page: PageAs, product: Product, axe: Check) -> None:
    user = a_user(Role.MONITOR, name="Robin Okafor", password=PASSWORD)
    secret = give_authenticator(user)
    page = a_page()
    devtools, key = a_virtual_key(page)
    sign_in_by_form(page, product.address, user, PASSWORD, secret)
    page.wait_for_url(f"{product.address}/")
    page.goto("/settings/security/")
    page.get_by_role("link", name="Add a passkey").click()
    axe(page)
    page.get_by_label("Name of this passkey").fill("blue key")
    page.get_by_role("button", name="Add passkey").click()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("link", name="Remove blue key")).to_be_visible()
    sign_out(page)

    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect_today(page)
    expect(page.get_by_text("Robin Okafor").first).to_be_visible()


def test_a_passkey_resumes_after_idle_time(a_page: PageAs, product: Product) -> None:
    user = a_user(Role.MONITOR, password=PASSWORD)
    page = a_page()
    a_virtual_key(page)
    sign_in_by_form(page, product.address, user, PASSWORD)
    page.wait_for_url("**/settings/security/")  # a passkey is a second factor, too
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of this passkey").fill("blue key")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    be_idle(user)
    page.goto("/schedule/")
    expect(page.get_by_role("heading", name="Are you still here?")).to_be_visible()
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url("**/schedule/")
    expect(page.get_by_role("navigation", name="Main navigation")).to_be_visible()


def test_what_was_typed_before_idle_time_is_saved_once_the_person_is_known_again(
    page_as: PageAs, axe: Check
) -> None:
    sitting, visit = after_a_dose()
    therapist = sitting.cared.therapist
    give_password(therapist, PASSWORD)
    page = page_as(therapist, f"/visits/{visit.public_id}/note/")
    page.get_by_label("EMDR").check()
    page.get_by_label("What happened").fill("worked on the “corridor” <again>\nand slept")
    be_idle(therapist)
    page.get_by_role("button", name="Sign the note").click()
    expect(page.get_by_text("what you sent was not saved yet")).to_be_visible()
    axe(page)
    assert not IntegrationNote.objects.exists()
    unlock(page, "not the right password")
    expect(page.get_by_text("This is not the password of the person signed in.")).to_be_visible()
    assert not IntegrationNote.objects.exists()
    unlock(page, PASSWORD)
    expect(page.get_by_text("Signed. The visit is done.")).to_be_visible()
    note = IntegrationNote.objects.get()
    assert note.what_happened.splitlines() == ["worked on the “corridor” <again>", "and slept"]
    assert note.methods == ["therapy-emdr"]


def test_a_chart_is_covered_after_idle_time_and_shown_again_to_the_same_person(page_as: PageAs) -> None:
    sitting = running()
    monitor, patient = sitting.cared.monitor, sitting.cared.patient
    give_password(monitor, PASSWORD)
    page = page_as(monitor)
    be_idle(monitor)
    chart = f"/patients/{patient.public_id}/"
    page.goto(chart)
    expect(page.get_by_role("heading", name="Are you still here?")).to_be_visible()
    assert patient.family_name not in page.content()
    unlock(page, PASSWORD)
    page.wait_for_url(f"**{chart}")
    expect(page.locator("body")).to_contain_text(patient.family_name)


def test_a_chart_left_open_is_covered_where_it_stands_and_keeps_what_was_typed(
    page_as: PageAs, axe: Check
) -> None:
    sitting, visit = after_a_dose()
    therapist, name = sitting.cared.therapist, sitting.cared.patient.family_name
    give_password(therapist, PASSWORD)
    page = page_as(therapist)
    page.clock.install()
    page.goto(f"/visits/{visit.public_id}/note/")
    page.get_by_label("What happened").fill("worked on the corridor")
    expect(page.get_by_text(name).first).to_be_visible()
    with page.expect_response("**/unlock/"):
        page.clock.fast_forward(31_000)
    expect(page.get_by_text(name).first).to_be_visible()
    be_idle(therapist)
    page.clock.fast_forward(31_000)
    dialog = page.get_by_role("dialog", name="Are you still here?")
    expect(dialog).to_be_visible()
    axe(page, within="dialog[open]")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    expect(page.get_by_role("button", name="Not now")).to_be_hidden()
    expect(page.get_by_text(name).first).to_be_hidden()
    expect(page.get_by_label("What happened")).to_be_hidden()
    unlock(page, PASSWORD)
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("What happened")).to_have_value("worked on the corridor")
    expect(page.get_by_text(name).first).to_be_visible()


def running() -> Sitting:
    """A session half an hour into its dose, with one reading."""
    sitting = a_sitting(zero=timezone.now() - timedelta(minutes=31), chair="2").until_dose()
    sitting.vitals(30, systolic=164, diastolic=98, heart_rate=88)
    return sitting


def console_of(sitting: Sitting) -> str:
    return f"/dosing/{sitting.session.public_id}/"


def enter(page: Page, systolic: str, diastolic: str) -> None:
    page.get_by_label("Systolic").fill(systolic)
    page.get_by_label("Diastolic").fill(diastolic)
    button = page.locator("#dock .save")
    expect(button).to_be_enabled()
    button.click()


def test_a_running_session_stays_in_sight_while_entry_waits_for_its_person(page_as: PageAs, axe: Check) -> None:
    sitting = running()
    monitor = sitting.cared.monitor
    give_password(monitor, PASSWORD)
    nurse = page_as(monitor, console_of(sitting))
    doctor = page_as(sitting.cared.prescriber, console_of(sitting))
    reading = nurse.locator("#plot .val.big")
    expect(reading).to_have_text("164/98")
    before = Event.objects.count()

    be_idle(monitor)
    enter(nurse, "140", "85")
    expect(nurse.locator("#unsent")).to_contain_text("entry is locked")
    enter(doctor, "151", "90")
    expect(reading).to_have_text("151/90")  # the stream goes on
    nurse.reload()
    expect(reading).to_have_text("151/90")  # and what waits survives a reload
    expect(nurse.locator("#unsent")).to_contain_text("entry is locked")
    assert Event.objects.count() == before + 1  # the doctor's alone

    nurse.get_by_role("button", name="Unlock").click()
    expect(nurse.get_by_role("dialog")).to_be_visible()
    axe(nurse, within="dialog[open]")
    unlock(nurse, "not the right password")
    expect(nurse.get_by_text("This is not the password of the person signed in.")).to_be_visible()
    unlock(nurse, PASSWORD)
    expect(nurse.get_by_role("dialog")).to_be_hidden()
    expect(nurse.locator("#unsent")).to_be_empty()
    assert Event.objects.count() == before + 2
    entered = Event.objects.order_by("seq").last()
    assert entered is not None
    assert entered.author == monitor
    enter(nurse, "144", "86")
    for page in (nurse, doctor):
        expect(page.locator("#plot .val.big")).to_have_text("144/86")


def test_watching_a_session_is_no_work_so_entry_locks_all_the_same(page_as: PageAs) -> None:
    sitting = running()
    nurse = page_as(sitting.cared.monitor, console_of(sitting))
    expect(nurse.locator("#plot .val.big")).to_have_text("164/98")
    expect(nurse.locator("#plot .pred")).to_be_attached()  # all has been fetched that a new page fetches
    be_idle(sitting.cared.monitor)
    last = SignIn.objects.get().last_active_at
    sitting.vitals(31, systolic=151, diastolic=90)
    expect(nurse.locator("#plot .val.big")).to_have_text("151/90")
    nurse.wait_for_timeout(6000)  # the stream asks every five seconds whether the sign-in lives
    expect(nurse.locator("#stale")).to_be_hidden()
    assert SignIn.objects.get().last_active_at == last


def test_signing_out_in_one_tab_ends_the_session_shown_in_another(page_as: PageAs) -> None:
    sitting = running()
    shown = page_as(sitting.cared.monitor, console_of(sitting))
    expect(shown.locator("#plot .val.big")).to_have_text("164/98")
    tab = shown.context.new_page()
    tab.goto("/")
    sign_out(tab)
    expect(shown.locator("#stale")).to_contain_text("You are signed out")
    sitting.vitals(31, systolic=151, diastolic=90)
    shown.wait_for_timeout(1500)
    expect(shown.locator("#plot .val.big")).to_have_text("164/98")
    shown.locator("#stale").get_by_role("link", name="Sign in").click()
    expect(shown).to_have_url(re.compile(r"/sign-in/\?next=/dosing/"))


@pytest.mark.parametrize("known", [True, False], ids=["wrong-password", "unknown-person"])
def test_whoever_cannot_sign_in_reads_the_same_words_and_is_held_up_in_the_end(
    a_page: PageAs, axe: Check, known: bool
) -> None:
    user = a_user(Role.MONITOR, password=PASSWORD)
    email = user.email if known else "nobody@clinic.example"
    page = a_page()
    page.goto("/sign-in/")
    for _attempt in range(5):
        give_password_at_the_door(page, email, "not the right password")
        expect(page.get_by_role("alert").filter(has_text=MISMATCH)).to_be_visible()
    axe(page)
    give_password_at_the_door(page, email, PASSWORD)
    expect(page.get_by_text("Too many attempts. Wait five minutes, then try again.")).to_be_visible()
    expect(page.get_by_text(MISMATCH)).to_have_count(0)
    assert not SignIn.objects.exists()


def test_a_colleague_is_not_held_up_by_somebody_elses_guesses(a_page: PageAs, product: Product) -> None:
    guessed, colleague = (a_user(Role.MONITOR, password=PASSWORD) for _ in range(2))
    secret = give_authenticator(colleague)
    page = a_page()
    page.goto("/sign-in/")
    for _attempt in range(6):
        give_password_at_the_door(page, guessed.email, "not the right password")
    expect(page.get_by_text("Too many attempts.")).to_be_visible()
    sign_in_by_form(page, product.address, colleague, PASSWORD, secret)
    expect_today(page)
