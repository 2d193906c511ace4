"""Filled-in questionnaires for tests, entered through the operation."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from openkap.apps.audit.operations import Actor
from openkap.apps.measures.models import Ask, Filling, Response
from openkap.apps.measures.operations import (
    Entry,
    ask_now,
    begin_filling,
    hand_in,
    keep_answer,
    record_response,
)
from openkap.apps.people.models import Patient
from openkap.core.psychometrics import Answer, parse_answers
from tests.factories.tasks import SYSTEM

CALM = "0,0,0,0,0,0,0,0,0"


def answers_of(text: str, difficulty: int | None = None) -> dict[str, Answer]:
    """Answers by item id from '1,0,SKIP,...'."""
    given: dict[str, Answer] = {str(n): answer for n, answer in enumerate(parse_answers(text), 1)}
    return given if difficulty is None else {**given, "difficulty": difficulty}


def a_phq_9(
    patient: Patient, at: datetime, answers: str = CALM, *, by: Actor = SYSTEM, **more: object
) -> Response:
    """A PHQ-9 filled in and entered at `at`."""
    entry = Entry("phq-9", at, answers_of(answers))
    return record_response(by=by, now=at, patient=patient, entry=entry)


def an_ask(patient: Patient, instrument: str, now: datetime) -> Ask:
    """The patient is asked for a questionnaire, for two days; asked twice is asked once."""
    if found := Ask.objects.filter(patient=patient, instrument_id=instrument, state="asked").first():
        return found
    until = (now + timedelta(days=2)).astimezone(ZoneInfo(patient.site.time_zone)).date()
    return ask_now(
        by=SYSTEM, now=now, patient=patient, instrument_id=instrument, until=until, reason="for a test"
    )


def begun(patient: Patient, instrument: str, now: datetime, language: str = "en") -> Filling:
    """What the patient is asked for, begun by them."""
    assert patient.user is not None
    return begin_filling(by=patient.user, now=now, patient=patient, instrument_id=instrument, language=language)


def handed_in(patient: Patient, instrument: str, answers: Mapping[str, Answer], now: datetime) -> Response:
    """Begun, answered and handed in by the patient."""
    assert patient.user is not None
    filling = begun(patient, instrument, now)
    for item, answer in answers.items():
        keep_answer(by=patient.user, now=now, filling=filling, item_id=item, answer=answer)
    return hand_in(by=patient.user, now=now, filling=filling)


def a_total(patient: Patient, at: datetime, total: int, instrument: str = "phq-9") -> Response:
    """A total from a form scored elsewhere."""
    return record_response(by=SYSTEM, now=at, patient=patient, entry=Entry(instrument, at, total=total))


def a_course(
    patient: Patient, totals: Sequence[tuple[datetime, int]], instrument: str = "gad-7"
) -> list[Response]:
    """Several totals of one instrument."""
    return [a_total(patient, at, total, instrument) for at, total in totals]
