"""Answers about suicide, results and rotas for tests, made through the operations."""

from datetime import datetime, time
from typing import Any

from openkap.apps.access.models import User
from openkap.apps.measures.models import Response
from openkap.apps.measures.operations import Entry, record_response
from openkap.apps.people.models import Patient
from openkap.apps.safety.models import Plan, Result
from openkap.apps.safety.operations import Found, NewShift, add_shift, record_result, write_plan
from openkap.apps.safety.queries import plan_of
from openkap.apps.sites.models import Site
from openkap.core.psychometrics import NotAnswered
from tests.factories.tasks import SYSTEM

ACUTE = "0,0,1,0,1"
POSITIVE = "1,0,0,0,0"
NEGATIVE = "0,0,0,0,SKIP"
EVERY_DAY = range(7)


def an_asq(patient: Patient, at: datetime, answers: str = NEGATIVE) -> Response:
    """An ASQ filled in and entered at `at`."""
    given: dict[str, Any] = {}
    for number, word in enumerate(answers.split(","), 1):
        given[str(number)] = int(word) if word.isdigit() else NotAnswered(word)
    return record_response(by=SYSTEM, now=at, patient=patient, entry=Entry("asq", at, given))


def a_result(
    patient: Patient,
    by: User,
    at: datetime,
    *found: Any,
) -> Result:
    """A clinician's C-SSRS result: ideation, recent behaviour, behaviour ever; nothing found where not said."""
    given = [*found, *(0, False, False)[len(found) :]]
    return record_result(by=by, now=at, patient=patient, found=Found(at, *given))


def a_rota(site: Site, user: User, begins: time = time(8), ends: time = time(18)) -> None:
    """The same person on duty at the same hours every day."""
    for weekday in EVERY_DAY:
        add_shift(
            by=SYSTEM, now=datetime.now().astimezone(), site=site, shift=NewShift(begins, ends, user, weekday)
        )


def a_safety_plan(patient: Patient, by: User, **lines: str) -> Plan:
    """A plan, or its next version: one line for each section that is named."""
    last = plan_of(patient)
    content = {section: [line] for section, line in lines.items()}
    now = datetime.now().astimezone()
    return write_plan(by=by, now=now, patient=patient, content=content, based_on=last.version if last else 0)
