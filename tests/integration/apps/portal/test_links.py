"""Inviting, letting in, closing: one person, one account, one use of a link."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.factories.access import a_user
from tests.factories.people import SYSTEM, a_patient
from tests.factories.portal import invited, let_in, opened
from tests.factories.sites import THEN, a_site

from openkap.apps.access import operations as access
from openkap.apps.access.models import SignIn, User
from openkap.apps.access.operations import begin_sign_in, close_patient_account, grant_role
from openkap.apps.access.queries import is_patient, is_staff, roles_of
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.links import token_of
from openkap.apps.messages.models import Message
from openkap.apps.messages.operations import choose_channel
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import link_account
from openkap.apps.people.queries import own_patient
from openkap.apps.portal import operations, queries
from openkap.apps.portal.models import PortalLink
from openkap.apps.portal.operations import ASKS_AN_HOUR, TRIES, Door
from openkap.apps.portal.queries import AccessState
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused

pytestmark = pytest.mark.django_db
BORN, WRONG = date(1984, 3, 12), date(1984, 3, 13)
BROWSER = "the browser that asked"


@pytest.fixture
def patient(settings: Any) -> Patient:
    settings.MAIL_READY = True
    settings.SMS_GATEWAY = {**settings.SMS_GATEWAY, "url": ""}
    found = a_patient(a_site("Alder House"), email="Elena@example.org", phone="+1 (555) 010-0200")
    choose_channel(by=SYSTEM, now=THEN, patient=found, channel=Channel.MAIL, allowed=True)
    return found


def attempt(
    link: PortalLink, *, born: date | None = BORN, browser: str = "", after: timedelta = timedelta(0)
) -> Any:
    return operations.open_link(
        now=THEN + after, token=token_of(link.public_id), birth_date=born, browser=browser
    )


def state(patient: Patient, after: timedelta = timedelta(0)) -> AccessState:
    patient.refresh_from_db()
    return queries.access_of(patient, THEN + after).state


def test_an_invitation_makes_an_account_that_is_a_patient_and_nothing_else(patient: Patient) -> None:
    assert state(patient) is AccessState.NONE
    link = invited(patient, a_user(Role.COORDINATOR, site=patient.site))
    patient.refresh_from_db()
    user = patient.user
    assert user is not None
    assert is_patient(user)
    assert not is_staff(user)
    assert not user.has_usable_password()
    assert (user.full_name, user.email.partition("@")[2]) == (patient.name, "portal.invalid")
    assert own_patient(user) == patient
    assert state(patient) is AccessState.INVITED
    assert attempt(link).user == user
    assert state(patient) is AccessState.OPEN
    assert {"portal.invite", "portal.open", "people.link-account"} <= set(
        Row.objects.values_list("action", flat=True)
    )


@pytest.mark.parametrize(
    "role", [Role.MONITOR, Role.THERAPIST, Role.ADMINISTRATOR, Role.RESEARCHER, Role.PATIENT]
)
def test_other_roles_invite_nobody(role: Role, patient: Patient) -> None:
    with pytest.raises(Refused):
        invited(patient, a_user(role, site=patient.site))
    patient.refresh_from_db()
    assert patient.user is None
    assert not PortalLink.objects.exists()


def test_a_prescriber_invites_those_they_care_for_only(patient: Patient) -> None:
    prescriber = a_user(Role.PRESCRIBER, site=patient.site)
    with pytest.raises(Refused):
        invited(patient, prescriber)
    assert invited(a_patient(patient.site, prescriber), prescriber)


def test_nobody_is_invited_who_has_died_or_cannot_be_reached(patient: Patient) -> None:
    with pytest.raises(NotAllowedNow, match="cannot send"):
        operations.invite(by=SYSTEM, now=THEN, patient=patient, channel=Channel.SMS)
    patient.refresh_from_db()
    assert patient.user is None  # nothing half-written
    Patient.objects.filter(pk=patient.pk).update(is_deceased=True)
    patient.refresh_from_db()
    with pytest.raises(NotAllowedNow, match="died"):
        invited(patient)


def test_a_link_opens_once(patient: Patient) -> None:
    link = invited(patient)
    assert attempt(link).door is Door.OPEN
    assert attempt(link).door is Door.VOID


def test_a_link_runs_out(patient: Patient, settings: Any) -> None:
    settings.OPENKAP_INVITATION_HOURS = 2
    link = invited(patient)
    assert state(patient, timedelta(hours=2)) is AccessState.LAPSED
    assert attempt(link, after=timedelta(hours=2)).door is Door.VOID
    assert attempt(link, after=timedelta(hours=2, seconds=-1)).door is Door.OPEN


def test_the_wrong_birth_date_closes_a_link_after_a_few_tries(patient: Patient) -> None:
    link = invited(patient)
    outcomes = [attempt(link, born=WRONG) for _ in range(TRIES)]
    assert [outcome.tries_left for outcome in outcomes] == list(range(TRIES - 1, -1, -1))
    assert {outcome.door for outcome in outcomes[:-1]} == {Door.WRONG}
    assert outcomes[-1].door is Door.SHUT
    assert attempt(link).door is Door.VOID
    assert state(patient) is AccessState.LAPSED
    assert Row.objects.filter(action="portal.refuse").count() == TRIES


def test_no_birth_date_at_all_is_a_wrong_one(patient: Patient) -> None:
    assert attempt(invited(patient), born=None).door is Door.WRONG


def test_a_newer_invitation_ends_the_earlier_one_and_so_does_taking_it_back(patient: Patient) -> None:
    first, second = invited(patient), invited(patient)
    assert attempt(first).door is Door.VOID
    assert operations.take_back(by=SYSTEM, now=THEN, patient=patient) == 1
    assert operations.take_back(by=SYSTEM, now=THEN, patient=patient) == 0
    assert attempt(second).door is Door.VOID
    assert User.objects.filter(full_name=patient.name).count() == 1


def test_a_made_up_secret_opens_nothing() -> None:
    answer = operations.open_link(now=THEN, token="x" * 32, birth_date=BORN, browser="")
    assert answer.door is Door.VOID


def test_closing_ends_everything_and_a_new_invitation_makes_a_new_account(patient: Patient) -> None:
    user = let_in(patient, THEN)
    begin_sign_in(by=user, now=THEN, address=None, device="", methods=["link"])
    coordinator = a_user(Role.COORDINATOR, site=patient.site)
    operations.close_access(by=coordinator, now=THEN, patient=patient)
    user.refresh_from_db()
    assert Patient.objects.get(pk=patient.pk).user is None
    assert not user.is_active
    assert roles_of(user) == {}
    assert not SignIn.objects.filter(user=user, ended_at__isnull=True).exists()
    with pytest.raises(NotFound):
        own_patient(user)
    with pytest.raises(NotAllowedNow):
        operations.close_access(by=coordinator, now=THEN, patient=patient)
    invited(patient)
    patient.refresh_from_db()
    assert patient.user is not None
    assert patient.user != user


def test_staff_and_patients_are_kept_apart(patient: Patient) -> None:
    nurse = a_user(Role.MONITOR, site=patient.site)
    with pytest.raises(NotAllowedNow, match="either of staff or of a patient"):
        grant_role(by=SYSTEM, now=THEN, user=nurse, site=patient.site, role=Role.PATIENT)
    with pytest.raises(NotAllowedNow):
        link_account(by=SYSTEM, now=THEN, patient=patient, user=nurse)
    user = let_in(patient, THEN)
    with pytest.raises(NotAllowedNow, match="either of staff or of a patient"):
        grant_role(by=SYSTEM, now=THEN, user=user, site=patient.site, role=Role.MONITOR)
    with pytest.raises(NotAllowedNow):
        link_account(by=SYSTEM, now=THEN, patient=a_patient(patient.site), user=user)
    with pytest.raises(NotAllowedNow):
        close_patient_account(by=SYSTEM, now=THEN, user=nurse)


@pytest.mark.parametrize("address", ["elena@example.org", " ELENA@EXAMPLE.ORG "])
def test_a_link_to_sign_in_goes_to_who_is_reached_there(patient: Patient, address: str) -> None:
    let_in(patient, THEN)
    operations.ask_for_link(now=THEN, address=address, browser=BROWSER)
    link = PortalLink.objects.get(kind=PortalLink.Kind.SIGN_IN)
    message = Message.objects.get(wording="sign-in")
    assert (message.link_id, message.channel, message.patient) == (link.public_id, "mail", patient)
    assert attempt(link, born=None, browser=BROWSER).door is Door.OPEN


def test_in_another_browser_the_link_asks_for_the_birth_date(patient: Patient) -> None:
    let_in(patient, THEN)
    operations.ask_for_link(now=THEN, address="elena@example.org", browser=BROWSER)
    link = PortalLink.objects.get(kind=PortalLink.Kind.SIGN_IN)
    assert attempt(link, born=None, browser="another").door is Door.WRONG
    assert attempt(link, born=BORN, browser="another").door is Door.OPEN


def test_a_link_to_sign_in_lives_shortly(patient: Patient, settings: Any) -> None:
    settings.OPENKAP_LINK_MINUTES = 30
    let_in(patient, THEN)
    operations.ask_for_link(now=THEN, address="elena@example.org", browser=BROWSER)
    link = PortalLink.objects.get(kind=PortalLink.Kind.SIGN_IN)
    assert attempt(link, browser=BROWSER, after=timedelta(minutes=30)).door is Door.VOID


def test_nothing_is_sent_to_strangers_nor_without_consent_nor_without_end(patient: Patient) -> None:
    operations.ask_for_link(now=THEN, address="elena@example.org", browser=BROWSER)  # not invited yet
    let_in(patient, THEN)
    for address in ("someone@example.org", "", "12", "+1 555 010 0200"):  # no consent to text messages
        operations.ask_for_link(now=THEN, address=address, browser=BROWSER)
    assert not PortalLink.objects.filter(kind=PortalLink.Kind.SIGN_IN).exists()
    for _ in range(ASKS_AN_HOUR + 3):
        operations.ask_for_link(now=THEN, address="elena@example.org", browser=BROWSER)
    assert PortalLink.objects.filter(kind=PortalLink.Kind.SIGN_IN).count() == ASKS_AN_HOUR


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("+1 555 010 0200", True),
        ("555 010 0200", True),
        ("15550100200", True),
        ("555 010 0201", False),
        ("0200", False),
    ],
)
def test_telephone_numbers_are_compared_by_their_digits(patient: Patient, asked: str, found: bool) -> None:
    let_in(patient, THEN)
    assert bool(queries.patients_reached_at(asked)) is found


def test_two_people_at_one_address_get_a_link_each(patient: Patient) -> None:
    partner = a_patient(patient.site, email="elena@example.org", birth_date=date(1980, 1, 2))
    choose_channel(by=SYSTEM, now=THEN, patient=partner, channel=Channel.MAIL, allowed=True)
    let_in(patient, THEN)
    let_in(partner, THEN)
    operations.ask_for_link(now=THEN, address="elena@example.org", browser=BROWSER)
    found = PortalLink.objects.filter(kind=PortalLink.Kind.SIGN_IN)
    assert {link.patient for link in found} == {patient, partner}


@pytest.mark.parametrize("code", ["12345", "1234567", "111111", "112211", "123456", "876543", "abcdef"])
def test_easy_codes_are_refused(patient: Patient, code: str) -> None:
    with pytest.raises(BadInput):
        access.choose_code(by=let_in(patient, THEN), now=THEN, code=code)


def test_staff_have_no_code() -> None:
    with pytest.raises(Refused):
        access.choose_code(by=a_user(Role.MONITOR), now=THEN, code="280917")


def test_the_same_link_cannot_be_opened_by_two_at_once(patient: Patient) -> None:
    """The row is locked while it is opened, so the second sees it used."""
    link = invited(patient)
    assert [opened(link).door, opened(link).door] == [Door.OPEN, Door.VOID]
