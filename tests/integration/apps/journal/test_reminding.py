"""Reminders of practice: as wished, once a day at most, not in quiet hours, and with no word of what it is."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from tests.factories.access import a_client
from tests.factories.portal import a_telephone, let_in
from tests.factories.sites import a_site
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.adapters.mail.fake import FakeMail
from openkap.apps.access.models import User
from openkap.apps.audit.operations import SystemActor
from openkap.apps.journal import operations, practising
from openkap.apps.journal.models import Practice, Reminder
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.models import Message
from openkap.apps.messages.operations import choose_channel
from openkap.apps.messages.sending import Ports, send_due
from openkap.apps.people.models import Patient
from openkap.errors import BadInput, Refused

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)  # nine in Madrid
AT_SIX = MONDAY.replace(hour=17)  # six in the evening in Madrid
DAILY = range(7)


@pytest.fixture(autouse=True)
def mail(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openkap.apps.messages.queries.mail_port", FakeMail)


@shared
def cared() -> CaredFor:
    return cared_for(a_site("Alder House", "Europe/Madrid"), MONDAY)


@pytest.fixture
def patient(cared: CaredFor) -> Patient:
    let_in(cared.patient, MONDAY)
    Patient.objects.filter(pk=cared.patient.pk).update(email="rowan@example.org")
    cared.patient.refresh_from_db()
    choose_channel(by=SystemActor(), now=MONDAY, patient=cared.patient, channel=Channel.MAIL, allowed=True)
    return cared.patient


@pytest.fixture
def own(patient: Patient) -> User:
    assert patient.user is not None
    return patient.user


def agreed(cared: CaredFor, title: str = "Slow breathing") -> Practice:
    return operations.agree_on_practice(by=cared.therapist, now=MONDAY, patient=cared.patient, title=title)


def reminded(own: User, practice: Practice, at: time = time(18), **other: Any) -> Reminder:
    wish = {"weekdays": DAILY, "channel": "mail"} | other
    return operations.choose_reminder(by=own, now=MONDAY, practice=practice, at=at, **wish)


def test_it_goes_out_at_its_time_once_a_day_for_all_practice(own: User, cared: CaredFor) -> None:
    reminded(own, agreed(cared))
    reminded(own, agreed(cared, "Walk"), time(18, 30))
    assert operations.remind_due(now=AT_SIX - timedelta(minutes=1)) == 0
    assert operations.remind_due(now=AT_SIX) == 1
    assert operations.remind_due(now=AT_SIX) == 0
    assert operations.remind_due(now=AT_SIX + timedelta(minutes=40)) == 0
    sent = FakeMail()
    assert send_due(now=AT_SIX + timedelta(hours=1), ports=Ports(mail=sent, sms=None)) == 1
    assert "reminder you asked for" in sent.letters[0].body
    assert not {"breath", "walk", "practi"} & set(sent.letters[0].body.lower().split())
    assert operations.remind_due(now=AT_SIX + timedelta(days=1)) == 1
    assert Message.objects.filter(wording="own-reminder").count() == 2


def test_what_is_done_ended_long_past_or_quiet_reminds_nobody(own: User, cared: CaredFor) -> None:
    done, ended, late = agreed(cared), agreed(cared), agreed(cared)
    reminded(own, done)
    reminded(own, ended)
    operations.note_done(by=own, now=MONDAY, practice=done)
    operations.end_practice(by=cared.therapist, now=MONDAY, practice=ended)
    assert operations.remind_due(now=AT_SIX) == 0
    assert Reminder.objects.get(practice=ended).next_at is None
    reminder = reminded(own, late)
    assert operations.remind_due(now=AT_SIX + timedelta(hours=2, minutes=1)) == 0
    reminder.refresh_from_db()
    assert reminder.next_at == AT_SIX + timedelta(days=1)
    night = AT_SIX.replace(hour=21) + timedelta(days=1)  # the site's quiet hours may have been moved since
    Reminder.objects.update(next_at=night)
    assert operations.remind_due(now=night) == 0
    assert not Message.objects.filter(wording="own-reminder").exists()


def test_a_patient_who_closed_that_way_is_left_in_peace(own: User, patient: Patient, cared: CaredFor) -> None:
    reminded(own, agreed(cared))
    choose_channel(by=own, now=MONDAY, patient=patient, channel=Channel.MAIL, allowed=False)
    assert operations.remind_due(now=AT_SIX) == 0


@pytest.mark.parametrize(("wish", "field"), [
    ({"at": time(23)}, "at"), ({"weekdays": []}, "weekdays"), ({"weekdays": [7]}, "weekdays"),
    ({"channel": "sms"}, "channel"), ({"channel": "pigeon"}, "channel"),
])  # fmt: skip
def test_wishes_that_cannot_be_met_are_refused(own: User, cared: CaredFor, wish: Any, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        reminded(own, agreed(cared), **wish)
    assert refused.value.field == field
    assert not Reminder.objects.exists()


def test_only_the_patient_chooses(own: User, cared: CaredFor) -> None:
    with pytest.raises(Refused):
        reminded(cared.therapist, agreed(cared))


def test_the_page_of_a_practice(own: User, patient: Patient, cared: CaredFor) -> None:
    practice, phone = agreed(cared), a_telephone(patient)
    address = f"/portal/practice/{practice.public_id}/"
    assert "Remind me" in phone.get(address).content.decode()
    assert phone.post(f"{address}done/", {"note": "x" * 1001}).status_code == 400
    phone.post(f"{address}done/", {"note": "It was <b>quiet</b>."})
    page = phone.get(address).content.decode()
    assert "It was &lt;b&gt;quiet&lt;/b&gt;." in page
    phone.post(f"{address}done/", {"take_back": "1"})
    assert "I did it today" in phone.get(address).content.decode()
    wish = {"weekdays": ["0", "3"], "at": "18:00", "channel": "mail"}
    wrongs: tuple[dict[str, Any], ...] = ({"weekdays": []}, {"at": "23:00"}, {"channel": "sms"})
    for wrong in wrongs:
        assert phone.post(f"{address}remind/", wish | wrong).status_code == 400
    assert phone.post(f"{address}remind/", wish).status_code == 302
    assert Reminder.objects.get().weekdays == [0, 3]
    assert "The next one" in phone.get(address).content.decode()
    assert phone.post(f"{address}remind/", {"off": "1"}).status_code == 302
    assert practising.habit_of(practice, MONDAY).reminder is None
    staff = a_client(cared.therapist)
    assert staff.post(f"{address}remind/", wish).status_code in {403, 404}
