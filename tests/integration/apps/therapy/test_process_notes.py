"""Process notes: sealed, bound to their row and author, opened by nobody else."""

import base64
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.fixtures import Settings
from tests.factories.access import a_client, a_user
from tests.factories.dosing import a_dosing_visit
from tests.factories.sites import THEN
from tests.factories.tasks import SYSTEM, CaredFor
from tests.factories.therapy import integration
from tests.sharing import shared

from openkap.adapters.sealing import PROCESS_NOTES, SealBroken
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.people.operations import add_to_care_team
from openkap.apps.therapy import operations, queries
from openkap.apps.therapy.models import ProcessNote
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused

pytestmark = pytest.mark.django_db
WORDS = "I felt pulled to rescue her"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.HOME = tmp_path
    monkeypatch.delenv(PROCESS_NOTES.environment, raising=False)
    return tmp_path


@shared
def cared() -> CaredFor:
    cared, _visit = a_dosing_visit()
    return cared


def written(cared: CaredFor, text: str = WORDS, replaces: ProcessNote | None = None) -> ProcessNote:
    return operations.write_process_note(
        by=cared.therapist, now=THEN, visit=integration(cared), text=text, replaces=replaces
    )


def test_the_author_reads_what_was_written(cared: CaredFor) -> None:
    note = written(cared)
    assert queries.opened(cared.therapist, note) == WORDS


def test_the_words_stand_nowhere_in_the_database(cared: CaredFor) -> None:
    note = written(cared)
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text FROM therapy_processnote p WHERE id = %s", [note.pk])
        assert "rescue" not in str(cursor.fetchone())
        cursor.execute("SELECT string_agg(details::text, ' ') FROM audit_row")
        assert "rescue" not in str(cursor.fetchone())


@pytest.mark.parametrize("role", [Role.MEDICAL_DIRECTOR, Role.PROGRAMME_DIRECTOR, Role.ADMINISTRATOR])
def test_no_role_opens_it(cared: CaredFor, role: Role) -> None:
    note = written(cared)
    director = a_user(role, site=cared.site)
    with pytest.raises(Refused):
        queries.opened(director, note)
    with pytest.raises(NotFound):
        queries.process_note_for(director, note.public_id)


def test_another_therapist_of_the_team_does_not_open_it(cared: CaredFor) -> None:
    note = written(cared)
    colleague = a_user(Role.THERAPIST, site=cared.site)
    add_to_care_team(by=SYSTEM, now=THEN, patient=cared.patient, user=colleague)
    assert not queries.process_notes_of(colleague, cared.patient).exists()
    with pytest.raises(Refused):
        queries.opened(colleague, note)
    with pytest.raises(Refused):
        operations.write_process_note(
            by=colleague, now=THEN, visit=integration(cared), text="mine", replaces=note
        )


def test_handed_to_another_author_it_stays_closed(cared: CaredFor) -> None:
    """Somebody who can write to the database makes the note theirs."""
    note = written(cared)
    thief = a_user(Role.THERAPIST, site=cared.site)
    add_to_care_team(by=SYSTEM, now=THEN, patient=cared.patient, user=thief)
    ProcessNote.objects.filter(pk=note.pk).update(author=thief)
    note.refresh_from_db()
    with pytest.raises(SealBroken):
        queries.opened(thief, note)


def test_bodies_swapped_between_rows_stay_closed(cared: CaredFor) -> None:
    one, other = written(cared, "one"), written(cared, "other")
    ProcessNote.objects.filter(pk=one.pk).update(body=bytes(other.body))
    one.refresh_from_db()
    with pytest.raises(SealBroken):
        queries.opened(cared.therapist, one)


def test_a_new_version_supersedes(cared: CaredFor) -> None:
    first = written(cared)
    second = written(cared, "later thoughts", replaces=first)
    assert list(queries.process_notes_of(cared.therapist, cared.patient)) == [second]
    with pytest.raises(NotAllowedNow):
        written(cared, "again", replaces=first)


def test_a_lost_key_closes_notes_and_makes_no_new_one(cared: CaredFor, home: Path) -> None:
    note = written(cared)
    (home / "keys" / "process-notes").unlink()
    with pytest.raises(SealBroken):
        queries.opened(cared.therapist, note)
    with pytest.raises(SealBroken):
        written(cared, "more")
    assert ProcessNote.objects.count() == 1
    assert not (home / "keys" / "process-notes").exists()


def test_a_rotated_key_still_opens_old_notes(cared: CaredFor, home: Path) -> None:
    note = written(cared)
    path = home / "keys" / "process-notes"
    new = base64.urlsafe_b64encode(b"2" * 32).decode()
    path.write_text(f"k2:{new}\n{path.read_text()}")
    assert queries.opened(cared.therapist, note) == WORDS
    assert written(cared, "new").key_id == "k2"


@pytest.mark.parametrize("text", ["", "   ", "x" * 50_001, "a\x00b"])
def test_what_cannot_be_kept_is_refused(cared: CaredFor, text: str) -> None:
    with pytest.raises(BadInput):
        written(cared, text)


def test_only_therapists_of_the_patient_write_one(cared: CaredFor) -> None:
    for user in (cared.prescriber, cared.monitor, a_user(Role.THERAPIST, site=cared.site)):
        with pytest.raises(Refused):
            operations.write_process_note(by=user, now=THEN, visit=integration(cared), text="x")


def test_the_pages_are_the_author_s_alone(cared: CaredFor) -> None:
    author = a_client(cared.therapist)
    visit = integration(cared)
    answer = author.post(f"/visits/{visit.public_id}/process-note/", {"text": WORDS})
    address = answer["Location"]
    page = author.get(address)
    assert WORDS in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert Row.objects.filter(action="therapy.open-process-note").count() == 1
    director = a_client(cared.medical_director)
    assert director.get(address).status_code in {403, 404}
    assert author.post(address, {"text": ""}).status_code == 422
    assert author.post(address, {"text": "later"})["Location"] != address


def test_a_broken_seal_is_an_explained_page(cared: CaredFor) -> None:
    note = written(cared)
    ProcessNote.objects.filter(pk=note.pk).update(body=b"\x01nonsense-nonsense-nonsense")
    answer = a_client(cared.therapist).get(f"/process-notes/{note.public_id}/")
    assert answer.status_code == 409
    assert "changed after it was sealed" in answer.content.decode()
