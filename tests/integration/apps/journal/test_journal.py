"""A journal is its patient's: sealed, private unless shared, and readable by nobody else a moment longer."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.factories.access import a_client, a_user
from tests.factories.people import a_patient
from tests.factories.portal import a_telephone, let_in
from tests.factories.sites import THEN, a_site
from tests.factories.tasks import CaredFor, cared_for

from openkap.adapters.sealing import JOURNAL, SealBroken
from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.journal import operations, queries
from openkap.apps.journal.models import Done, Entry, Practice, Standing
from openkap.apps.journal.portal_items import portal_items
from openkap.apps.people.models import Patient
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused

pytestmark = pytest.mark.django_db
WORDS = "I laughed at lunch."


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.HOME = tmp_path
    monkeypatch.delenv(JOURNAL.environment, raising=False)
    return tmp_path


@pytest.fixture
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


def written(own: User, patient: Patient, *, share: bool = False, text: str = WORDS) -> Entry:
    return operations.write_entry(by=own, now=THEN, patient=patient, kind="noticed", text=text, share=share)


def agreed(cared: CaredFor, title: str = "Slow breathing") -> Practice:
    return operations.agree_on_practice(by=cared.therapist, now=THEN, patient=cared.patient, title=title)


def test_an_entry_is_sealed_and_private_unless_shared(own: User, patient: Patient) -> None:
    private, shared = written(own, patient), written(own, patient, share=True, text="for all")
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM journal_entry")
        assert not any(b"laughed" in bytes(row[0]) or b"for all" in bytes(row[0]) for row in cursor.fetchall())
    assert [(one.text, one.is_shared) for one in queries.own_entries(patient)] == [
        ("for all", True), (WORDS, False),
    ]  # fmt: skip
    assert [one.entry for one in queries.shared_entries(patient)] == [shared]
    assert private.standings.get().who == "private"
    assert "laughed" not in str(list(Row.objects.values()))


def test_sharing_can_be_taken_back_and_an_entry_taken_out(own: User, patient: Patient) -> None:
    entry = written(own, patient)
    for who, shared, seen in (("shared", 1, 1), ("private", 0, 1), ("shared", 1, 1), ("removed", 0, 0)):
        operations.choose_readers(by=own, now=THEN, entry=entry, who=who)
        assert len(queries.shared_entries(patient)) == shared
        assert len(queries.own_entries(patient)) == seen
    with pytest.raises(NotAllowedNow):
        operations.choose_readers(by=own, now=THEN, entry=entry, who="shared")
    with pytest.raises(NotFound):
        queries.own_entry(patient, entry.public_id)
    assert Standing.objects.count() == 5


def test_only_the_patient_writes_and_shares(own: User, patient: Patient, cared: CaredFor) -> None:
    entry = written(own, patient)
    stranger = let_in(a_patient(cared.site))
    for by in (cared.therapist, cared.medical_director, stranger):
        with pytest.raises(Refused):
            written(by, patient)
        with pytest.raises(Refused):
            operations.choose_readers(by=by, now=THEN, entry=entry, who="shared")
    assert queries.shared_entries(patient) == []


@pytest.mark.parametrize("said", [{"text": "  "}, {"text": "x" * 8001}, {"text": "a\x00"}, {"kind": "secret"}])
def test_what_cannot_be_kept_is_refused(own: User, patient: Patient, said: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        operations.write_entry(
            by=own, now=THEN, patient=patient, share=False, **{"kind": "free", "text": WORDS} | said
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
    (habit,) = queries.habits_of(patient, THEN)
    assert (habit.days, habit.is_done_today) == (3, True)
    (habit,) = queries.habits_of(patient, THEN + timedelta(days=1))
    assert (habit.days, habit.is_done_today) == (2, False)
    assert [item.title for item in portal_items(patient, THEN + timedelta(days=1))] == ["Slow breathing"]
    assert portal_items(patient, THEN) == []
    with pytest.raises(Refused):
        operations.note_done(by=cared.therapist, now=THEN, practice=practice)
    operations.end_practice(by=cared.therapist, now=THEN, practice=practice)
    with pytest.raises(NotAllowedNow):
        operations.end_practice(by=cared.therapist, now=THEN, practice=practice)
    assert queries.habits_of(patient, THEN) == []
    assert Done.objects.count() == 3


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
    phone.post(f"/portal/practice/{practice.public_id}/done/")
    assert "Done today" in phone.get("/portal/journal/").content.decode()
    assert phone.post("/portal/journal/", {"kind": "noticed", "text": WORDS}).status_code == 302
    assert phone.post("/portal/journal/", {"kind": "noticed", "text": ""}).status_code == 400
    assert "laughed" not in staff.get(root).content.decode()
    entry = Entry.objects.get()
    phone.post(f"/portal/journal/{entry.public_id}/readers/", {"who": "shared"})
    assert "laughed" in staff.get(root).content.decode()
    assert phone.post(f"/portal/journal/{entry.public_id}/readers/", {"who": "everybody"}).status_code == 400
    other = a_telephone(a_patient(cared.site))
    assert "laughed" not in other.get("/portal/journal/").content.decode()
    assert other.post(f"/portal/journal/{entry.public_id}/readers/", {"who": "removed"}).status_code == 404
    assert other.post(f"/portal/practice/{practice.public_id}/done/").status_code == 404
    assert a_client(a_user(Role.COORDINATOR, site=cared.site)).get(root).status_code == 403
    assert Row.objects.filter(action="journal.read", actor_id=cared.therapist.public_id).count() == 3
    staff.post(f"{root}practice/{practice.public_id}/end/")
    assert "Nothing agreed yet" in staff.get(root).content.decode()
