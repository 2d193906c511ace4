"""A journal is its patient's: sealed, private unless shared, and readable by nobody else a moment longer."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from tests.factories.access import a_client, a_user
from tests.factories.people import a_patient
from tests.factories.portal import a_telephone, let_in
from tests.factories.sites import THEN, a_site
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.adapters.sealing import JOURNAL, SealBroken
from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.audit.operations import SystemActor
from openkap.apps.journal import operations, practising, queries
from openkap.apps.journal.models import Done, Entry, Practice, Standing
from openkap.apps.journal.portal_items import portal_items
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import end_in_care_team
from openkap.apps.people.queries import care_team_of
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused

pytestmark = pytest.mark.django_db
WORDS = "I laughed at lunch."


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.HOME = tmp_path
    monkeypatch.delenv(JOURNAL.environment, raising=False)
    return tmp_path


@shared
def cared() -> CaredFor:
    return cared_for(a_site("Alder House", "Europe/Madrid"))


@pytest.fixture
def patient(cared: CaredFor) -> Patient:
    let_in(cared.patient)
    return cared.patient


@pytest.fixture
def own(patient: Patient) -> User:
    assert patient.user is not None
    return patient.user


def written(own: User, patient: Patient, *, who: str = "private", text: str = WORDS) -> Entry:
    return operations.write_entry(by=own, now=THEN, patient=patient, kind="noticed", text=text, who=who)


def shown_to(viewer: User, patient: Patient) -> list[str]:
    return [one.text for one in queries.shared_entries(patient, viewer)]


def agreed(cared: CaredFor, title: str = "Slow breathing") -> Practice:
    return operations.agree_on_practice(by=cared.therapist, now=THEN, patient=cared.patient, title=title)


def test_an_entry_is_sealed_and_private_unless_shared(own: User, patient: Patient, cared: CaredFor) -> None:
    private, _shared = written(own, patient), written(own, patient, who="shared", text="for all")
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM journal_entry")
        assert not any(b"laughed" in bytes(row[0]) or b"for all" in bytes(row[0]) for row in cursor.fetchall())
    assert [(one.text, one.is_shared) for one in queries.own_entries(patient)] == [
        ("for all", True), (WORDS, False),
    ]  # fmt: skip
    assert shown_to(cared.therapist, patient) == ["for all"]
    assert private.standings.get().who == "private"
    assert "laughed" not in str(list(Row.objects.values()))


def test_sharing_can_be_taken_back_and_an_entry_taken_out(own: User, patient: Patient, cared: CaredFor) -> None:
    entry = written(own, patient)
    steps = (("shared", 1, 1, 1), ("private", 0, 0, 1), ("therapist", 1, 0, 1), ("removed", 0, 0, 0))
    for who, of_therapist, of_others, of_own in steps:
        operations.choose_readers(by=own, now=THEN, entry=entry, who=who)
        assert len(shown_to(cared.therapist, patient)) == of_therapist
        assert len(shown_to(cared.prescriber, patient)) == of_others
        assert len(queries.own_entries(patient)) == of_own
    with pytest.raises(NotAllowedNow):
        operations.choose_readers(by=own, now=THEN, entry=entry, who="shared")
    with pytest.raises(NotFound):
        queries.own_entry(patient, entry.public_id)
    assert Standing.objects.count() == 5


def test_what_is_for_the_therapist_is_read_by_the_present_one_alone(
    own: User, patient: Patient, cared: CaredFor
) -> None:
    written(own, patient, who="therapist")
    (member,) = care_team_of(patient).filter(user=cared.therapist)
    end_in_care_team(by=SystemActor(), now=THEN, member=member)
    assert shown_to(cared.therapist, patient) == []
    for viewer in (cared.medical_director, a_user(Role.THERAPIST, site=cared.site)):
        assert shown_to(viewer, patient) == []


def test_who_read_an_entry_stays_known_when_sharing_is_taken_back(
    own: User, patient: Patient, cared: CaredFor
) -> None:
    entry = written(own, patient, who="shared")
    for hours in (0, 5):
        moment = THEN + timedelta(hours=hours)
        operations.note_seen(by=cared.therapist, now=moment, patient=patient, entries=[entry])
    operations.choose_readers(by=own, now=THEN, entry=entry, who="private")
    (read,) = queries.own_entries(patient)
    assert [(seen.reader, seen.first_at) for seen in read.seen_by] == [(cared.therapist, THEN)]
    row = Row.objects.filter(action="journal.read").latest("id")
    assert row.details == {"entries": [str(entry.public_id)]}


def test_only_the_patient_writes_and_shares(own: User, patient: Patient, cared: CaredFor) -> None:
    entry = written(own, patient)
    stranger = let_in(a_patient(cared.site))
    for by in (cared.therapist, cared.medical_director, stranger):
        with pytest.raises(Refused):
            written(by, patient)
        with pytest.raises(Refused):
            operations.choose_readers(by=by, now=THEN, entry=entry, who="shared")
    assert shown_to(cared.therapist, patient) == []


@pytest.mark.parametrize("said", [
    {"text": "  "}, {"text": "x" * 8001}, {"text": "a\x00"}, {"kind": "secret"}, {"who": "removed"},
])  # fmt: skip
def test_what_cannot_be_kept_is_refused(own: User, patient: Patient, said: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        operations.write_entry(
            by=own, now=THEN, patient=patient, **{"kind": "free", "text": WORDS, "who": "private"} | said
        )
    assert not Entry.objects.exists()


def test_an_entry_moved_to_another_patient_does_not_open(own: User, patient: Patient, cared: CaredFor) -> None:
    written(own, patient)
    other = a_patient(cared.site)
    Entry.objects.update(patient=other)
    with pytest.raises(SealBroken):
        queries.own_entries(other)


def test_a_lost_key_is_never_replaced(own: User, patient: Patient, home: Path) -> None:
    written(own, patient)
    (home / "keys" / JOURNAL.file).unlink()
    with pytest.raises(SealBroken, match="journals are missing"):
        written(own, patient)
    assert Entry.objects.count() == 1


def test_practice_is_agreed_by_therapists_and_done_once_a_day(
    own: User, patient: Patient, cared: CaredFor
) -> None:
    practice = agreed(cared)
    for by in (cared.coordinator, own):
        with pytest.raises(Refused):
            operations.agree_on_practice(by=by, now=THEN, patient=patient, title="x")
    for days in (6, 1, 1, 0):
        operations.note_done(by=own, now=THEN - timedelta(days=days), practice=practice)
    (habit,) = practising.habits_of(patient, THEN)
    assert (habit.days, habit.is_done_today) == (3, True)
    (habit,) = practising.habits_of(patient, THEN + timedelta(days=1))
    assert (habit.days, habit.is_done_today) == (2, False)
    assert [item.title for item in portal_items(patient, THEN + timedelta(days=1))] == ["Slow breathing"]
    assert portal_items(patient, THEN) == []
    with pytest.raises(Refused):
        operations.note_done(by=cared.therapist, now=THEN, practice=practice)
    operations.end_practice(by=cared.therapist, now=THEN, practice=practice)
    with pytest.raises(NotAllowedNow):
        operations.end_practice(by=cared.therapist, now=THEN, practice=practice)
    assert practising.habits_of(patient, THEN) == []
    assert Done.objects.count() == 3
    with pytest.raises(NotAllowedNow):
        operations.note_done(by=own, now=THEN, practice=practice)


def test_a_note_about_practice_is_sealed_read_by_the_team_and_gone_when_taken_back(
    own: User, patient: Patient, cared: CaredFor
) -> None:
    practice = agreed(cared)
    operations.note_done(by=own, now=THEN, practice=practice)
    operations.note_done(by=own, now=THEN, practice=practice, note="Breath came by itself.")
    with pytest.raises(NotAllowedNow):
        operations.note_done(by=own, now=THEN, practice=practice, note="And again.")
    assert b"Breath" not in bytes(Done.objects.get().body or b"")
    (habit,) = practising.habits_of(patient, THEN, with_notes=True)
    assert [day.note for day in habit.notes] == ["Breath came by itself."]
    with pytest.raises(BadInput):
        operations.note_done(by=own, now=THEN, practice=agreed(cared), note="x" * 1001)
    operations.take_back_done(by=own, now=THEN, practice=practice)
    assert not Done.objects.filter(practice=practice).exists()


def test_homework_of_a_note_is_put_on_the_list_once(cared: CaredFor) -> None:
    note = uuid4()
    for expected in (1, 1):
        with suppress(NotAllowedNow):
            operations.agree_on_practice(
                by=cared.therapist,
                now=THEN,
                patient=cared.patient,
                title="Walk",
                from_note=note,
                method="therapy-art",
            )
        assert Practice.objects.count() == expected
    assert practising.is_on_list(cared.patient, note)
    with pytest.raises(BadInput):
        operations.agree_on_practice(
            by=cared.therapist, now=THEN, patient=cared.patient, title="Walk", method="therapy-shouting"
        )


def test_the_day_is_that_of_the_site(own: User, patient: Patient, cared: CaredFor) -> None:
    practice = agreed(cared)
    late = THEN.replace(hour=22, minute=30)  # half past midnight in Madrid
    operations.note_done(by=own, now=late, practice=practice)
    assert Done.objects.get().on == late.date() + timedelta(days=1)


def test_the_pages_of_patient_and_therapist(patient: Patient, cared: CaredFor) -> None:
    phone, staff = a_telephone(patient), a_client(cared.therapist)
    root = f"/patients/{patient.public_id}/journal/"
    assert staff.post(root, {"title": "Walk", "how": "slowly", "often": "daily"}).status_code == 302
    assert staff.post(root, {"title": ""}).status_code == 400
    practice = Practice.objects.get()
    assert "Walk" in phone.get("/portal/journal/").content.decode()
    phone.post(f"/portal/practice/{practice.public_id}/done/", {"note": "Breath came by itself."})
    assert "Done today" in phone.get("/portal/journal/").content.decode()
    assert (
        phone.post("/portal/journal/", {"kind": "noticed", "text": WORDS, "who": "private"}).status_code == 302
    )
    assert phone.post("/portal/journal/", {"kind": "noticed", "text": "", "who": "private"}).status_code == 400
    assert "laughed" not in staff.get(root).content.decode()
    entry = Entry.objects.get()
    phone.post(f"/portal/journal/{entry.public_id}/readers/", {"who": "shared"})
    shown = staff.get(root).content.decode()
    assert "laughed" in shown
    assert "Breath came by itself" in shown
    assert "Read by" in phone.get("/portal/journal/").content.decode()
    assert phone.post(f"/portal/journal/{entry.public_id}/readers/", {"who": "everybody"}).status_code == 400
    other = a_telephone(a_patient(cared.site))
    assert "laughed" not in other.get("/portal/journal/").content.decode()
    assert other.post(f"/portal/journal/{entry.public_id}/readers/", {"who": "removed"}).status_code == 404
    assert other.post(f"/portal/practice/{practice.public_id}/done/").status_code == 404
    assert a_client(a_user(Role.COORDINATOR, site=cared.site)).get(root).status_code == 403
    assert Row.objects.filter(action="journal.read", actor_id=cared.therapist.public_id).count() == 3
    staff.post(f"{root}practice/{practice.public_id}/end/")
    assert "Nothing agreed yet" in staff.get(root).content.decode()
