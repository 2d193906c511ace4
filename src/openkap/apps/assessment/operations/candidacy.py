"""The candidacy interview: how somebody feels about altered states, who helps at home, what they expect."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission, Role
from openkap.apps.assessment.models import CandidacyAnswer
from openkap.apps.assessment.permissions import role_among
from openkap.apps.audit import operations as audit
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people import operations as people
from openkap.apps.people.permissions import check_on_patient
from openkap.errors import BadInput

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

MAY_ASK = (Role.PRESCRIBER, Role.THERAPIST, Role.MONITOR, Role.MEDICAL_DIRECTOR)


@dataclass(frozen=True)
class Said:
    """A choice of the question's record, and what was said in words."""

    choice: str
    note: str = ""


@transaction.atomic
def record_candidacy(
    *, by: User, now: datetime, patient: "Patient", answers: Mapping[str, Said], asked_on: date | None = None
) -> list[CandidacyAnswer]:
    """Note answers to questions of the candidacy interview, by question; all of them or none.

    Earlier answers stay; the latest counts. Raises `BadInput` (question, choice, date), `Refused`.
    """
    check_on_patient(by, patient, Permission.CHART_READ)
    role_among(by, patient, MAY_ASK)
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    day = asked_on or today
    if not patient.birth_date <= day <= today:
        raise BadInput(_("The date cannot be right."), field="asked_on")
    rows = [
        CandidacyAnswer.objects.create(
            site_id=patient.site_id,
            patient=patient,
            recorded_at=now,
            recorded_by=by,
            question_id=question,
            question_version=_version(patient, now, question, said.choice),
            choice=said.choice,
            note=said.note.strip(),
            asked_on=day,
        )
        for question, said in answers.items()
    ]
    details = {"questions": sorted(answers)}
    subject = people.subject_of(patient)
    audit.record(by=by, now=now, action="assessment.record-candidacy", subject=subject, details=details)
    return rows


def _version(patient: "Patient", now: datetime, question: str, choice: str) -> int:
    """Of the question's record, if it has that choice."""
    record = knowledge_for(patient.site, now).candidacy_questions.get(question)
    if record is None:
        raise BadInput(_("There is no such question."), field=question)
    if record.choice(choice) is None:
        raise BadInput(_("Choose one of the answers."), field=question)
    return record.version
