"""Filled-in questionnaires for tests, entered through the operation."""

from collections.abc import Sequence
from datetime import datetime

from openkap.apps.audit.operations import Actor
from openkap.apps.measures.models import Response
from openkap.apps.measures.operations import Entry, record_response
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


def a_total(patient: Patient, at: datetime, total: int, instrument: str = "phq-9") -> Response:
    """A total from a form scored elsewhere."""
    return record_response(by=SYSTEM, now=at, patient=patient, entry=Entry(instrument, at, total=total))


def a_course(
    patient: Patient, totals: Sequence[tuple[datetime, int]], instrument: str = "gad-7"
) -> list[Response]:
    """Several totals of one instrument."""
    return [a_total(patient, at, total, instrument) for at, total in totals]
