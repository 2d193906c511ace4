"""Patients' own pages as a browser asks for them."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from tests.factories.access import PASSWORD, a_client, a_user
from tests.factories.people import SYSTEM, a_patient
from tests.factories.portal import a_help, a_telephone, invited, let_in
from tests.factories.sites import THEN, a_site
from tests.factories.tasks import cared_for
from tests.sharing import shared

from openkap.apps.access.models import SignIn
from openkap.apps.access.operations import choose_code, grant_role
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.links import path_of
from openkap.apps.messages.models import Message
from openkap.apps.messages.operations import choose_channel
from openkap.apps.messages.queries import choices_of
from openkap.apps.people.models import Patient
from openkap.apps.portal.items import PortalItem
from openkap.apps.portal.models import PortalLink, SiteHelp
from openkap.apps.portal.queries import help_at
from openkap.apps.sites.models import Site
from openkap.web import portal_items

pytestmark = pytest.mark.django_db
BORN = {"day": "12", "month": "3", "year": "1984"}
OWN = ("", "questions/", "plan/", "journal/", "help/", "me/", "me/seen-by/", "me/code/", "welcome/")


@shared
def site() -> Site:
    return a_site("Alder House", "Europe/Madrid")


@pytest.fixture
def patient(site: Site) -> Patient:
    return a_patient(site, email="elena@example.org", contact_name="Tomas", contact_phone="555 0111")


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize("name", OWN)
def test_every_own_page_opens_and_its_title_says_nothing(patient: Patient, name: str) -> None:
    answer = a_telephone(patient).get(f"/portal/{name}")
    assert answer.status_code == 200
    title = re.search(r"<title>(.*?)</title>", text(answer))
    assert title is not None
    assert patient.family_name not in title[1]
    assert not re.search(r"ketamin|depress|treat|therap|clinic", title[1], re.IGNORECASE)
    assert 'data-quick-exit="https' in text(answer)
    assert 'href="/portal/help/"' in text(answer)
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", [name for name in OWN if name != "help/"])
def test_strangers_are_led_to_the_patients_door(name: str) -> None:
    answer = Client().get(f"/portal/{name}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/link/")


def test_staff_have_no_pages_of_a_patient(site: Site) -> None:
    for role in (Role.COORDINATOR, Role.PRESCRIBER, Role.MEDICAL_DIRECTOR, Role.ADMINISTRATOR):
        assert a_client(a_user(role, site=site)).get("/portal/").status_code == 403


def test_nobody_sees_anothers_things(patient: Patient, site: Site) -> None:
    other = a_patient(site, given_name="Zelda", contact_name="Someone Secret", contact_phone="555")
    let_in(other)
    telephone = a_telephone(patient)
    for name in OWN:
        page = text(telephone.get(f"/portal/{name}"))
        assert "Zelda" not in page
        assert "Someone Secret" not in page
    assert telephone.get(f"/patients/{other.public_id}/access-log/").status_code == 404
    assert telephone.get(f"/patients/{other.public_id}/details/portal/").status_code == 403


def test_looking_at_a_link_uses_nothing_up(patient: Patient) -> None:
    path = path_of(invited(patient, now=timezone.now()).public_id)
    for _ in range(3):
        assert Client().get(path).status_code == 200
    assert PortalLink.objects.get().used_at is None


def test_the_link_lets_in_once_for_as_long_as_a_telephone_is_kept(patient: Patient, settings: Any) -> None:
    path = path_of(invited(patient, now=timezone.now()).public_id)
    client = Client()
    answer = client.post(path, BORN)
    assert answer.headers["Location"] == "/portal/welcome/"
    assert client.get("/portal/").status_code == 200
    assert client.session.get_expiry_age() == pytest.approx(settings.OPENKAP_PORTAL_DAYS * 24 * 3600, abs=60)
    sign_in = SignIn.objects.get()
    assert sign_in.for_portal
    assert Client().post(path, BORN).status_code == 410
    row = Row.objects.get(action="access.sign-in")
    assert row.details == {"methods": ["link"]}


def test_the_wrong_birth_date_is_counted_and_then_closed(patient: Patient) -> None:
    path = path_of(invited(patient, now=timezone.now()).public_id)
    client = Client()
    answers = [client.post(path, BORN | {"day": "13"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 400, 410]
    assert "Tries left: 4" in text(answers[0])
    assert "wrong too often" in text(answers[-1])
    assert client.post(path, BORN).status_code == 410


@pytest.mark.parametrize(
    "said", [{}, {"day": "31", "month": "2", "year": "1984"}, {"day": "x", "month": "99", "year": "-1"}]
)
def test_no_date_at_all_lets_nobody_in(patient: Patient, said: dict[str, str]) -> None:
    path = path_of(invited(patient, now=timezone.now()).public_id)
    answer = Client().post(path, said)
    assert answer.status_code == 400
    assert text(answer).count("Give the day, the month and the year") == 1
    assert PortalLink.objects.get().wrong_tries == 0  # a slip of the finger is no wrong birth date
    assert not SignIn.objects.exists()


def test_staff_cannot_open_a_patients_link(patient: Patient, site: Site) -> None:
    link = invited(patient, now=timezone.now())
    answer = a_client(a_user(Role.COORDINATOR, site=site)).post(path_of(link.public_id), BORN)
    assert answer.status_code == 403
    link.refresh_from_db()
    assert link.used_at is None


def test_asking_for_a_link_answers_alike_whoever_asks(patient: Patient, settings: Any) -> None:
    settings.MAIL_READY = True
    choose_channel(by=SYSTEM, now=THEN, patient=patient, channel=Channel.MAIL, allowed=True)
    let_in(patient)

    def asked(address: str) -> str:
        answer = Client().post("/sign-in/link/", {"address": address})
        assert answer.status_code == 200
        return re.sub(r'(csrf-token" content=|nonce=|value=)"[^"]*"', "", text(answer))

    assert asked("elena@example.org") == asked("nobody@example.org")
    assert Message.objects.filter(wording="sign-in").count() == 1


def test_the_asking_browser_opens_its_link_with_one_tap(patient: Patient, settings: Any) -> None:
    settings.MAIL_READY = True
    choose_channel(by=SYSTEM, now=THEN, patient=patient, channel=Channel.MAIL, allowed=True)
    let_in(patient)
    client = Client()
    client.post("/sign-in/link/", {"address": "elena@example.org"})
    path = path_of(PortalLink.objects.get(kind="sign-in").public_id)
    assert "Birth date" not in text(client.get(path))
    assert "Birth date" in text(Client().get(path))
    assert client.post(path).headers["Location"].startswith("/portal/")


def test_guessing_addresses_is_slowed_down() -> None:
    codes = [Client().post("/sign-in/link/", {"address": "a@example.org"}).status_code for _ in range(7)]
    assert codes[:5] == [200] * 5
    assert codes[5] == 429


def test_a_code_opens_a_locked_telephone_and_signs_nobody_in(patient: Patient, settings: Any) -> None:
    user = let_in(patient)
    choose_code(by=user, now=timezone.now(), code="280917")
    client = a_client(user)
    with time_machine.travel(
        timezone.now() + timedelta(minutes=settings.OPENKAP_PORTAL_IDLE_MINUTES, seconds=5)
    ):
        assert client.get("/portal/").headers["Location"].startswith("/unlock/")
        wrong = client.post("/unlock/", {"unlock_password": "000000"})
        assert (wrong.status_code, "is not saved yet" in text(wrong)) == (423, False)
        sent = client.post("/portal/journal/", {"text": "x", "kind": "noticed", "who": "private"})
        assert (sent.status_code, "is not saved yet" in text(sent)) == (423, True)
        for page in (text(client.get("/unlock/")), text(wrong), text(sent)):
            assert "Your code" in page
            assert 'class="portal-help" href="/portal/help/"' in page
            assert patient.family_name not in page  # whoever holds the telephone now reads no name
        assert client.post("/unlock/", {"unlock_password": "280917"}).status_code == 302
        assert client.get("/portal/").status_code == 200
    answer = Client().post("/sign-in/", {"login": user.email, "password": "280917"})
    assert answer.status_code == 200
    assert "do not belong together" in text(answer)


def test_without_code_or_passkey_idle_time_ends_the_sign_in(patient: Patient, settings: Any) -> None:
    client = a_telephone(patient)
    with time_machine.travel(
        timezone.now() + timedelta(minutes=settings.OPENKAP_PORTAL_IDLE_MINUTES, seconds=5)
    ):
        assert client.get("/portal/").headers["Location"].startswith("/sign-in/link/")


def test_a_sign_in_ends_after_two_weeks(patient: Patient, settings: Any) -> None:
    user = let_in(patient)
    choose_code(by=user, now=timezone.now(), code="280917")
    client = a_client(user)
    with time_machine.travel(timezone.now() + timedelta(days=settings.OPENKAP_PORTAL_DAYS, seconds=5)):
        assert client.get("/portal/").headers["Location"].startswith("/sign-in/link/")


def test_leaving_locks_what_can_be_opened_again_and_signs_out_else(patient: Patient) -> None:
    user = let_in(patient)
    client = a_client(user)
    assert client.get("/portal/leave/").headers["Location"].startswith("https://")
    assert client.get("/portal/").headers["Location"].startswith("/sign-in/link/")
    choose_code(by=user, now=timezone.now(), code="280917")
    client = a_client(user)
    assert client.post("/portal/leave/").status_code == 204
    assert client.get("/portal/").headers["Location"].startswith("/unlock/")


def test_leaving_does_not_touch_staff(site: Site) -> None:
    client = a_client(a_user(Role.COORDINATOR, site=site))
    client.post("/portal/leave/")
    assert client.get("/").status_code == 200


def test_help_is_open_to_everybody_and_shows_the_own_persons_number_to_its_patient_only(
    patient: Patient,
) -> None:
    a_help(patient.site)
    own = text(a_telephone(patient).get("/portal/help/"))
    assert 'href="tel:911"' in own
    assert 'href="sms:988"' in own
    assert "Tomas" in own
    user = patient.user or let_in(patient)
    choose_code(by=user, now=timezone.now(), code="280917")
    locked = a_client(user)
    locked.post("/portal/leave/")
    page = text(locked.get("/portal/help/"))
    assert 'href="tel:911"' in page
    assert "Tomas" not in page
    stranger = text(Client().get("/portal/help/"))
    assert "local emergency number" in stranger
    assert 'href="sms:' not in stranger


def test_without_numbers_the_page_says_the_general_thing_and_staff_are_told(
    patient: Patient, site: Site
) -> None:
    assert "Call your local emergency number now" in text(a_telephone(patient).get("/portal/help/"))
    staff = a_client(a_user(Role.COORDINATOR, site=site))
    page = text(staff.get(f"/patients/{patient.public_id}/details/portal/"))
    assert "holds no number of your own yet" in page


def test_visits_and_what_waits_stand_on_today(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    def waiting(patient: Patient, now: object) -> list[PortalItem]:
        return [PortalItem("A paper to read", "Before your first day.", "/portal/plan/", minutes=5)]

    monkeypatch.setattr(portal_items, "PROVIDERS", (*portal_items.PROVIDERS, waiting))
    page = text(a_telephone(patient).get("/portal/"))
    assert "A paper to read" in page
    assert "About 5 minutes" in page


def test_the_own_plan_says_what_to_do_when_nothing_is_planned(patient: Patient) -> None:
    assert "No visit is planned yet" in text(a_telephone(patient).get("/portal/plan/"))


def test_language_and_size_are_chosen(patient: Patient) -> None:
    client = a_telephone(patient)
    client.post("/portal/language/", {"language": "es", "next": "/portal/me/"})
    assert 'lang="es"' in text(client.get("/portal/"))
    client.post("/portal/text-size/", {"size": "larger"})
    assert 'data-text-size="larger"' in text(client.get("/portal/"))
    answer = client.post("/portal/language/", {"language": "xx", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/portal/"
    stranger = Client()
    stranger.post("/portal/language/", {"language": "es"})
    assert 'lang="es"' in text(stranger.get("/sign-in/link/"))


def test_patients_say_how_they_may_be_written_to(patient: Patient) -> None:
    a_telephone(patient).post("/portal/me/channels/", {"mail": "on"})
    assert choices_of(patient) == {Channel.MAIL: True, Channel.SMS: False}


@pytest.mark.parametrize(
    "said", [{"code": "111111", "again": "111111"}, {"code": "280917", "again": "280918"}, {}]
)
def test_a_bad_code_is_refused_with_a_reason(patient: Patient, said: dict[str, str]) -> None:
    answer = a_telephone(patient).post("/portal/me/code/", said)
    assert answer.status_code == 400
    assert "error" in text(answer)


def test_choosing_a_code_keeps_the_patient_signed_in(patient: Patient) -> None:
    client = a_telephone(patient)
    answer = client.post("/portal/me/code/", {"code": "280917", "again": "280917"})
    assert answer.headers["Location"] == "/portal/"
    assert client.get("/portal/").status_code == 200


def test_staff_invite_hand_over_take_back_and_close(patient: Patient, site: Site) -> None:
    staff = a_client(a_user(Role.COORDINATOR, site=site))
    root = f"/patients/{patient.public_id}/details/portal/"
    assert "Not invited" in text(staff.get(root))
    page = text(staff.post(root + "invite/", {"channel": "handed", "language": "es"}))
    assert path_of(PortalLink.objects.get().public_id) in page
    assert "data:image/svg+xml" in page
    assert path_of(PortalLink.objects.get().public_id) not in text(staff.get(root))  # shown once
    patient.refresh_from_db()
    assert patient.user is not None
    assert patient.user.language == "es"
    staff.post(root + "take-back/")
    assert "The link has lapsed" in text(staff.get(root))
    staff.post(root + "close/")
    assert "Not invited" in text(staff.get(root))
    assert staff.post(root + "close/").status_code == 409
    assert staff.post(root + "invite/", {"channel": "pigeon", "language": "en"}).status_code == 400
    staff.post(root + "channels/", {"mail": "on"})
    assert choices_of(patient)[Channel.MAIL]


def test_the_card_on_details_is_for_those_who_may_invite(site: Site) -> None:
    cared = cared_for(site)
    path = f"/patients/{cared.patient.public_id}/details/"
    assert "own pages" in text(a_client(cared.coordinator).get(path))
    assert "own pages" not in text(a_client(cared.therapist).get(path))


def test_help_is_entered_checked_and_replaced(site: Site) -> None:
    staff = a_client(a_user(Role.COORDINATOR, site=site))
    path = f"/settings/help/{site.public_id}/"
    assert staff.get("/settings/help/").headers["Location"] == path
    hows = {f"how_{n}": "call" for n in range(1, 7)}
    said = {
        "emergency_number": "112",
        "label_1": "Nurse",
        "number_1": "555 0142",
        "hours_1": "until 20:00",
        **hows,
    }
    assert staff.post(path, said | {"reads_en": "On weekdays.", "reads_es": ""}).status_code == 302
    found = help_at(site)
    assert found.emergency is not None
    assert (found.emergency.number, found.lines[0].address, found.reads) == (
        "112",
        "tel:5550142",
        "On weekdays.",
    )
    for wrong in ({"emergency_number": "help"}, {"number_1": "nurse"}, {"label_1": "", "number_1": "555"}):
        assert staff.post(path, said | wrong).status_code == 400
    assert SiteHelp.objects.get().emergency_number == "112"
    quiet = {"quiet_from": "20:00", "quiet_until": "09:00", "signature": "Alder"}
    assert staff.post(path + "messages/", quiet).status_code == 302
    assert staff.post(path + "messages/", quiet | {"quiet_from": "late"}).status_code == 400
    elsewhere = a_client(a_user(Role.COORDINATOR))
    assert elsewhere.get(path).status_code == 404


def test_two_sites_are_chosen_between(site: Site) -> None:
    director = a_user(Role.MEDICAL_DIRECTOR, site=site)
    grant_role(by=SYSTEM, now=THEN, user=director, site=a_site("Hill"), role=Role.MEDICAL_DIRECTOR)
    page = text(a_client(director).get("/settings/help/"))
    assert "Alder House" in page
    assert "No numbers yet" in page


def test_a_patient_reads_who_looked(patient: Patient, site: Site) -> None:
    coordinator = a_user(Role.COORDINATOR, site=site, name="Ana Novakova")
    a_client(coordinator).get(f"/patients/{patient.public_id}/details/")
    phone = a_telephone(patient)
    page = text(phone.get("/portal/me/seen-by/"))
    assert "Ana Novakova" in page
    assert "looked at the access log" not in page  # what they did themselves is asked for
    phone.get("/portal/me/seen-by/")
    repeated = text(phone.get("/portal/me/seen-by/?all"))
    assert repeated.count("looked at the access log") == 1
    assert "3 times" in repeated
    own = text(phone.get("/portal/me/"))
    for leads_to in ("/portal/consent/", "/portal/options/", "/portal/me/seen-by/"):
        assert f'href="{leads_to}"' in own


def test_demonstration_patients_alone_sign_in_with_a_password(site: Site, settings: Any) -> None:
    user = a_user(Role.PATIENT, site=site, password=PASSWORD)
    said = {"login": user.email, "password": PASSWORD}
    assert Client().post("/sign-in/", said).status_code == 200  # refused
    settings.DEMONSTRATION = True
    type(user).objects.filter(pk=user.pk).update(is_demonstration=True)
    assert Client().post("/sign-in/", said).status_code == 302


def test_errors_of_the_portal_are_words_not_traces() -> None:
    assert Client().get("/link/" + "x" * 400 + "/").status_code == 410
    assert Client().post("/sign-in/link/", {"address": "\x00"}).status_code in {200, 400}


def test_after_a_change_of_passkeys_patients_come_back_to_their_own_page(patient: Patient, site: Site) -> None:
    own, staff = a_telephone(patient), a_client(a_user(Role.COORDINATOR, site=site))
    assert own.get("/settings/security/passkeys/").headers["Location"] == "/portal/me/"
    assert staff.get("/settings/security/passkeys/").headers["Location"] == "/settings/security/"
    assert "/portal/me/" in text(own.get("/settings/security/passkeys/add/"))
    assert own.post("/settings/security/sign-ins/end-others/").headers["Location"] == "/portal/me/"
