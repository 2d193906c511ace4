"""Keeping answers: scored, audited, corrected, and never silently wrong."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.factories.access import a_user
from tests.factories.measures import CALM, a_phq_9, a_total, an_ask, answers_of
from tests.factories.sites import THEN
from tests.factories.tasks import SYSTEM, CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.measures import queries
from openkap.apps.measures.models import Response
from openkap.apps.measures.operations import Entry, correct_response, record_response
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.models import Task
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused

pytestmark = pytest.mark.django_db
LATER = THEN + timedelta(days=7)


@shared
def care() -> CaredFor:
    return cared_for()


def test_answers_are_kept_with_their_score(care: CaredFor) -> None:
    entry = Entry(
        "phq-9", THEN, answers_of("2,2,2,2,1,1,SKIP,REFUSED,0", difficulty=2), mode="paper", language="es"
    )
    kept = record_response(by=care.therapist, now=LATER, patient=care.patient, entry=entry)
    kept.refresh_from_db()
    # seven answered, sum 10: floor(10 x 9 / 7 + 1/2) = 13
    assert (kept.total, kept.band_id, kept.n_missing, kept.prorated) == (13, "moderate", 2, True)
    assert kept.answers == {
        "1": 2, "2": 2, "3": 2, "4": 2, "5": 1, "6": 1, "7": "SKIP", "8": "REFUSED", "9": 0, "difficulty": 2
    }  # fmt: skip
    assert (kept.instrument_version, kept.language, kept.mode) == (1, "es", "paper")
    assert len(kept.wording_digest) == 64
    assert (kept.administered_at, kept.recorded_at, kept.recorded_by) == (THEN, LATER, care.therapist)
    assert kept.site_id == care.site.pk


def test_a_score_that_may_not_be_computed_says_why(care: CaredFor) -> None:
    kept = a_phq_9(care.patient, THEN, "3,3,3,3,3,3,3,3,REFUSED")
    assert (kept.total, kept.band_id) == (None, "")
    assert "item 9" in kept.total_reason


def test_the_trail_names_the_form_and_not_the_answers(care: CaredFor) -> None:
    kept = a_phq_9(care.patient, THEN, by=care.therapist)
    row = Row.objects.get(action="measures.record")
    assert (row.subject_id, row.patient_id) == (kept.public_id, care.patient.public_id)
    assert row.details == {"instrument": "phq-9", "version": 1}


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (Entry("hads", THEN, total=3), "no questionnaire"),
        (Entry("phq-9", THEN, answers_of("0,0,0")), "Every question"),
        (Entry("phq-9", THEN, answers_of("0,0,0,0,0,0,0,0,4")), "not an answer"),
        (Entry("phq-9", THEN, answers_of(CALM, difficulty=9)), "not an answer"),
        (Entry("phq-9", THEN, {**answers_of(CALM), "10": 1}), "Every question"),
        (Entry("phq-9", THEN), "Every question"),
        (Entry("phq-9", THEN, total=28), "goes from 0 to 27"),
        (Entry("phq-9", THEN, answers_of(CALM), total=0), "either"),
        (Entry("phq-9", LATER + timedelta(minutes=1), total=3), "later than now"),
        (Entry("phq-9", THEN.replace(year=1900), total=3), "before birth"),
        (Entry("phq-9", THEN.replace(tzinfo=None), total=3), "time zone"),
        (Entry("phq-9", THEN, total=3, mode="telepathy"), "how it was filled in"),
        (Entry("gad-7", THEN, answers_of("0,0,0,0,0,0,0"), language="es"), "language"),
    ],
)
def test_bad_entries_are_refused_and_nothing_is_kept(care: CaredFor, entry: Entry, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        record_response(by=SYSTEM, now=LATER, patient=care.patient, entry=entry)
    assert not Response.objects.exists()
    assert not Row.objects.filter(action="measures.record").exists()


def test_who_may_not_enter_is_refused(care: CaredFor) -> None:
    entry = Entry("gad-7", THEN, total=3)
    stranger = a_user(Role.THERAPIST, site=care.site)
    director = a_user(Role.PROGRAMME_DIRECTOR, site=care.site)
    for person in (stranger, director):
        with pytest.raises(Refused):
            record_response(by=person, now=LATER, patient=care.patient, entry=entry)
    assert not Response.objects.exists()


def test_an_entry_sent_twice_is_kept_once(care: CaredFor) -> None:
    entry, entry_id = Entry("gad-7", THEN, total=3), uuid4()
    first = record_response(by=SYSTEM, now=LATER, patient=care.patient, entry=entry, entry_id=entry_id)
    second = record_response(by=SYSTEM, now=LATER, patient=care.patient, entry=entry, entry_id=entry_id)
    assert first.pk == second.pk
    assert Row.objects.filter(action="measures.record").count() == 1


def test_an_entry_id_of_another_patient_is_refused(care: CaredFor) -> None:
    entry, entry_id = Entry("gad-7", THEN, total=3), uuid4()
    record_response(by=SYSTEM, now=LATER, patient=care.patient, entry=entry, entry_id=entry_id)
    with pytest.raises(BadInput):
        record_response(by=SYSTEM, now=LATER, patient=cared_for().patient, entry=entry, entry_id=entry_id)


def test_a_correction_takes_the_place_of_the_wrong_entry(care: CaredFor) -> None:
    wrong = a_total(care.patient, THEN, 20)
    right = correct_response(
        by=care.coordinator, now=LATER, response=wrong, entry=Entry("phq-9", THEN, total=2), reason=" misread "
    )
    assert list(queries.responses_of(care.patient)) == [right]
    assert (right.supersedes, right.correction_reason) == (wrong, "misread")
    wrong.refresh_from_db()
    assert wrong.total == 20
    assert queries.response_of(care.patient, wrong.public_id).superseded_by == right
    row = Row.objects.get(action="measures.correct")
    assert row.details["supersedes"] == str(wrong.public_id)


def test_a_correction_needs_a_reason_and_happens_once(care: CaredFor) -> None:
    wrong, entry = a_total(care.patient, THEN, 20), Entry("phq-9", THEN, total=2)
    with pytest.raises(BadInput, match="wrong"):
        correct_response(by=SYSTEM, now=LATER, response=wrong, entry=entry, reason="  ")
    with pytest.raises(BadInput, match="same questionnaire"):
        correct_response(by=SYSTEM, now=LATER, response=wrong, entry=Entry("gad-7", THEN, total=2), reason="x")
    correct_response(by=SYSTEM, now=LATER, response=wrong, entry=entry, reason="misread")
    with pytest.raises(NotAllowedNow):
        correct_response(by=SYSTEM, now=LATER, response=wrong, entry=entry, reason="again")
    assert Response.objects.count() == 2


def test_what_was_due_is_settled_by_filling_it_in(care: CaredFor) -> None:
    for instrument in ("phq-9", "gad-7"):
        an_ask(care.patient, instrument, THEN)
    a_phq_9(care.patient, THEN)
    waiting = Task.objects.filter(kind=TaskKind.MEASURE_DUE.value, state="open")
    assert [task.about_code for task in waiting] == ["gad-7"]


def test_another_patients_entry_is_not_found(care: CaredFor) -> None:
    response = a_total(care.patient, THEN, 3)
    with pytest.raises(NotFound):
        queries.response_of(cared_for().patient, response.public_id)
