"""A clinician's C-SSRS result: the only thing that lowers the level."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people import operations as people
from openkap.apps.safety import queries
from openkap.apps.safety.knowing import sets_for, triage_of
from openkap.apps.safety.models import Result
from openkap.apps.safety.operations.alerting import raise_named
from openkap.apps.safety.operations.opening import Cause, open_pathway
from openkap.apps.safety.permissions import check_alive, check_may_assess, may_decide
from openkap.apps.safety.rota import duty_at
from openkap.apps.sites.rows import new_id
from openkap.apps.tasks.operations import About
from openkap.core.assessment.suicide_risk import Columbia, Level, course_of_risk, is_certain, level_of
from openkap.errors import BadInput
from openkap.knowledge import KnowledgeSet

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

LONGEST = 2000


@dataclass(frozen=True)
class Found:
    """What a clinician found. None is 'not known'. `note`: what speaks for the person, and what was seen."""

    assessed_at: datetime
    ideation: int | None
    behaviour_recent: bool | None
    behaviour_ever: bool | None
    note: str = ""


@transaction.atomic
def record_result(
    *, by: User, now: datetime, patient: "Patient", found: Found, entry_id: UUID | None = None
) -> Result:
    """Keep a result and open what its level brings where that is a rise. The same `entry_id` is kept once.

    High risk that is found again after a decision asks for a new one. What is not known can raise the level but
    never lower it. Raises `Refused`, `BadInput`, `NotAllowedNow`.
    """
    check_may_assess(by, patient)
    check_alive(patient)
    people.lock(patient)
    if entry_id and (kept := Result.objects.filter(public_id=entry_id, patient=patient).first()):
        return kept
    columbia = _checked(found, now)
    known = knowledge_for(patient.site, now)
    triage = triage_of(known)
    result = Result.objects.create(
        public_id=entry_id or new_id(),
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        assessed_at=found.assessed_at,
        ideation=columbia.ideation,
        behaviour_recent=columbia.behaviour_recent,
        behaviour_ever=columbia.behaviour_ever,
        note=found.note.strip(),
        level=level_of(columbia, triage).value,
        certain=is_certain(columbia, triage),
    )
    subject = Subject("risk-result", result.public_id, patient.public_id, patient.site_id)
    audit.record(by=by, now=now, action="safety.record-result", subject=subject)
    course = course_of_risk(queries.evidence_of(patient))
    point = next(one for one in course if one.evidence.ref == str(result.public_id))
    is_rise = point.rose and course[-1].level is point.level
    if is_rise or (course[-1] is point and _found_high_again(patient, point.evidence.level)):
        open_pathway(
            by=by,
            now=now,
            patient=patient,
            cause=Cause("result", result.public_id),
            level=point.level,
            sets=sets_for(point.level, None, rose=True),
            known=known,
        )
        _tell(by, now, result, point.level, known)
    return result


def _found_high_again(patient: "Patient", level: Level) -> bool:
    """High risk found after a decision was taken: that decision was on what was known then."""
    return level is Level.HIGH and queries.is_decided(patient)


def _tell(by: User, now: datetime, result: Result, level: Level, known: KnowledgeSet) -> None:
    """High risk interrupts who is on duty, unless it is they who found it and they who decide."""
    patient = result.patient
    is_theirs = duty_at(patient.site, now).user == by and may_decide(by, patient)
    if level is not Level.HIGH or is_theirs:
        return
    about = About("risk", result.public_id, "c-ssrs")
    with translation.override(settings.LANGUAGE_CODE):
        detail = _("Clinician's result: high risk")
    key = f"risk-result:{result.public_id}"
    raise_named(by=by, now=now, patient=patient, key=key, about=about, detail=detail, known=known)


def _checked(found: Found, now: datetime) -> Columbia:
    if found.assessed_at.tzinfo is None or found.assessed_at > now:
        raise BadInput(_("It cannot have been found later than now."), field="assessed_at")
    if len(found.note) > LONGEST:
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": LONGEST}, field="note")
    if (found.ideation, found.behaviour_recent, found.behaviour_ever) == (None, None, None):
        raise BadInput(_("Say at least one thing that was found."), field="ideation")
    try:
        return Columbia(found.ideation, found.behaviour_recent, found.behaviour_ever)
    except ValueError:
        raise BadInput(
            _("These answers contradict each other: recent behaviour is behaviour in life."),
            field="behaviour_ever",
        ) from None
