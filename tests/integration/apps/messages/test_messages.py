"""The outbox: written with its cause, sent once, with patience, quiet at night, and never saying anything."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone, translation
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories.access import a_user
from tests.factories.people import SYSTEM, a_patient
from tests.factories.portal import invited
from tests.factories.sites import THEN, a_site
from tests.sharing import shared

from openkap.adapters.mail.fake import FakeMail
from openkap.adapters.mail.port import NotDelivered
from openkap.adapters.sms.fake import FakeSms
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.messages import links, operations, queries
from openkap.apps.messages.channels import Channel, MessageState
from openkap.apps.messages.models import Message
from openkap.apps.messages.sending import LEASE, WAITS, Ports, send_due
from openkap.apps.messages.wordings import WORDINGS
from openkap.apps.people.models import Patient
from openkap.apps.portal.chores import open_undelivered_tasks
from openkap.apps.portal.operations import take_back
from openkap.apps.tasks.queries import open_tasks_about
from openkap.errors import BadInput, NotAllowedNow, Refused

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def ways_out(settings: Any) -> None:
    settings.MAIL_READY = True
    settings.SMS_GATEWAY = {**settings.SMS_GATEWAY, "url": "https://gateway.example/send"}


@shared
def patient() -> Patient:
    found = a_patient(
        a_site("Alder House", "Europe/London"), email="elena@example.org", phone="+44 20 5550 1999"
    )
    for channel in (Channel.MAIL, Channel.SMS):
        operations.choose_channel(by=SYSTEM, now=THEN, patient=found, channel=channel, allowed=True)
    return found


@pytest.fixture
def ports() -> Ports:
    return Ports(mail=FakeMail(), sms=FakeSms())


def letters(ports: Ports) -> list[Any]:
    assert isinstance(ports.mail, FakeMail)
    return ports.mail.letters


def fails(ports: Ports, *how: NotDelivered) -> None:
    assert isinstance(ports.mail, FakeMail)
    ports.mail.fails += how


def written(patient: Patient, now: datetime = NOON, **more: Any) -> Message:
    said = {"wording": "something-to-look-at", "key": "a"} | more
    return operations.write_to_patient(by=SYSTEM, now=now, patient=patient, **said)


def test_a_message_goes_out_once_to_the_address_of_the_moment(patient: Patient, ports: Ports) -> None:
    written(patient)
    written(patient)  # the same key
    Patient.objects.filter(pk=patient.pk).update(email="new@example.org")
    assert send_due(now=NOON, ports=ports) == 1
    assert send_due(now=NOON, ports=ports) == 0
    (letter,) = letters(ports)
    assert letter.to == "new@example.org"
    message = Message.objects.get()
    assert (message.state, message.send_at, message.attempts) == (MessageState.SENT, None, 1)


def test_a_message_comes_into_being_with_its_cause_and_its_job(patient: Patient) -> None:
    with transaction.atomic():
        written(patient, now=timezone.now(), wording="sign-in")
        assert ProcrastinateJob.objects.filter(task_name="messages.due").exists()
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="messages.due").exists()


def test_text_messages_go_by_the_gateway(patient: Patient, ports: Ports) -> None:
    written(patient, channel=Channel.SMS)
    assert send_due(now=NOON, ports=ports) == 1
    assert isinstance(ports.sms, FakeSms)
    assert ports.sms.texts[0].to == "+44 20 5550 1999"
    assert "portal/" in ports.sms.texts[0].body


def test_what_fails_is_tried_again_with_longer_waits_and_then_given_up(patient: Patient, ports: Ports) -> None:
    written(patient)
    now = NOON
    for wait in WAITS:
        fails(ports, NotDelivered("timeout", for_good=False))
        assert send_due(now=now, ports=ports) == 0
        message = Message.objects.get()
        assert (message.state, message.send_at) == (MessageState.FAILED, now + timedelta(minutes=wait))
        now += timedelta(minutes=wait)
    fails(ports, NotDelivered("timeout", for_good=False))
    send_due(now=now, ports=ports)
    message = Message.objects.get()
    assert (message.state, message.attempts, message.trouble) == (
        MessageState.GIVEN_UP,
        len(WAITS) + 1,
        "timeout",
    )


def test_what_is_refused_for_good_is_given_up_at_once_and_somebody_is_told(
    patient: Patient, ports: Ports
) -> None:
    written(patient)
    fails(ports, NotDelivered("recipient-refused", for_good=True))
    send_due(now=NOON, ports=ports)
    assert Message.objects.get().state == MessageState.GIVEN_UP
    assert open_undelivered_tasks(now=NOON) == 1
    open_undelivered_tasks(now=NOON + timedelta(minutes=5))
    (task,) = open_tasks_about(patient)
    assert (task.kind, task.role) == ("message-undelivered", Role.COORDINATOR)


def test_a_worker_that_died_in_between_leaves_it_to_the_next_under_the_same_key(
    patient: Patient, ports: Ports
) -> None:
    written(patient)
    Message.objects.update(state=MessageState.SENDING, send_at=NOON + LEASE, attempts=1)
    assert send_due(now=NOON, ports=ports) == 0  # somebody holds it
    assert send_due(now=NOON + LEASE, ports=ports) == 1
    assert letters(ports)[0].key == str(Message.objects.get().public_id)


def test_night_waits_and_what_was_just_asked_for_does_not(patient: Patient, ports: Ports) -> None:
    night = datetime(2026, 9, 1, 22, 30, tzinfo=UTC)  # 23:30 in London
    written(patient, now=night)
    written(patient, now=night, wording="sign-in", key="b")
    assert send_due(now=night, ports=ports) == 1
    assert "sign in" in letters(ports)[0].subject
    assert send_due(now=datetime(2026, 9, 2, 6, 59, tzinfo=UTC), ports=ports) == 0
    assert send_due(now=datetime(2026, 9, 2, 7, 0, tzinfo=UTC), ports=ports) == 1


def test_quiet_hours_are_the_sites_own(patient: Patient) -> None:
    coordinator = a_user(Role.COORDINATOR, site=patient.site)
    how: dict[str, Any] = {"quiet_from": time(13), "quiet_until": time(14), "signature": " Alder  House "}
    operations.change_how_site_writes(by=coordinator, now=NOON, site=patient.site, **how)
    assert written(patient, now=NOON).send_at == datetime(2026, 9, 1, 13, tzinfo=UTC)  # 14:00 in London
    assert queries.how_site_writes(patient.site).signature == "Alder House"
    with pytest.raises(Refused):
        operations.change_how_site_writes(
            by=a_user(Role.THERAPIST, site=patient.site), now=NOON, site=patient.site, **how
        )
    with pytest.raises(BadInput):
        operations.change_how_site_writes(
            by=coordinator, now=NOON, site=patient.site, **how | {"signature": "x" * 61}
        )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"email": ""}, "no address"),
        ({"is_deceased": True}, "has died"),
    ],
)
def test_who_cannot_be_reached_is_said_so(patient: Patient, change: dict[str, Any], reason: str) -> None:
    Patient.objects.filter(pk=patient.pk).update(**change)
    patient.refresh_from_db()
    with pytest.raises(NotAllowedNow, match=reason):
        written(patient, channel=Channel.MAIL)
    assert not Message.objects.exists()


def test_consent_is_asked_for_each_way_and_can_be_taken_back_before_it_goes_out(
    patient: Patient, ports: Ports
) -> None:
    written(patient, channel=Channel.MAIL)
    operations.choose_channel(by=SYSTEM, now=NOON, patient=patient, channel=Channel.MAIL, allowed=False)
    assert send_due(now=NOON, ports=ports) == 0
    assert Message.objects.get().trouble == "no-address"
    with pytest.raises(NotAllowedNow, match="not agreed"):
        written(patient, channel=Channel.MAIL, key="b")
    assert written(patient, key="c").channel == Channel.SMS


def test_only_the_patient_and_those_who_register_say_how_they_are_reached(patient: Patient) -> None:
    choice: dict[str, Any] = {"now": NOON, "patient": patient, "channel": Channel.SMS, "allowed": False}
    with pytest.raises(Refused):
        operations.choose_channel(by=a_user(Role.THERAPIST, site=patient.site), **choice)
    assert operations.choose_channel(by=a_user(Role.COORDINATOR, site=patient.site), **choice)
    assert not operations.choose_channel(by=a_user(Role.COORDINATOR, site=patient.site), **choice)


def test_a_link_that_has_run_out_is_not_sent(patient: Patient, ports: Ports) -> None:
    written(patient, not_after=NOON + timedelta(minutes=5))
    assert send_due(now=NOON + timedelta(minutes=5), ports=ports) == 0
    assert (Message.objects.get().state, Message.objects.get().trouble) == (MessageState.GIVEN_UP, "too-late")


def test_a_link_that_was_taken_back_is_not_sent_and_makes_no_task(patient: Patient, ports: Ports) -> None:
    link = invited(patient)
    written(patient, link_id=link.public_id, key="b")
    take_back(by=SYSTEM, now=THEN, patient=patient)
    assert send_due(now=NOON, ports=ports) == 0
    assert open_undelivered_tasks(now=NOON) == 0


def test_staff_are_told_that_they_are_needed_and_nothing_else(ports: Ports) -> None:
    user = a_user(Role.PRESCRIBER)
    site = a_site("Hill")
    operations.write_to_staff(by=SYSTEM, now=NOON, user=user, site=site, wording="staff-needed", key="s")
    operations.write_to_staff(by=SYSTEM, now=NOON, user=user, site=site, wording="staff-needed", key="s")
    assert send_due(now=NOON, ports=ports) == 1
    assert letters(ports)[0].to == user.email


def test_the_secret_of_a_link_is_in_no_row_but_in_every_try(patient: Patient, ports: Ports) -> None:
    link = invited(patient)
    message = written(patient, link_id=link.public_id, wording="invitation", key="b", not_after=link.expires_at)
    token = links.token_of(link.public_id)
    assert len(token) == links.LENGTH
    assert token not in str(list(Message.objects.values())) + str(list(type(link).objects.values()))
    assert send_due(now=NOON, ports=ports) == 1
    assert token in letters(ports)[0].body
    assert message.variables["until"] == link.expires_at.isoformat()


CLINICAL = re.compile(
    r"ketamin|depress|anxi|suicid|therap|treatment|clinic|patient|psych|dose|session|drug|medic|questionnaire|health|"
    r"depres|ansied|terap|tratamiento|cl[ií]nica|paciente|sesi[oó]n|cuestionario|salud",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("wording", sorted(WORDINGS))
def test_messages_say_nothing_of_what_they_are_about(wording: str, language: str) -> None:
    with translation.override(language):
        said = f"{WORDINGS[wording].subject} {WORDINGS[wording].body}"
    assert not CLINICAL.search(said)
    assert WORDINGS[wording].fields <= {"link", "until"}


def test_no_address_is_logged_or_kept(patient: Patient, ports: Ports, caplog: pytest.LogCaptureFixture) -> None:
    written(patient)
    written(patient, channel=Channel.SMS, key="b")
    fails(ports, NotDelivered("timeout", for_good=False))
    send_due(now=NOON, ports=ports)
    rows = str(list(Message.objects.values())) + str(list(Row.objects.values())) + caplog.text
    assert "elena@" not in rows
    assert "55501999" not in rows.replace(" ", "")
    assert "message not sent" in caplog.text
