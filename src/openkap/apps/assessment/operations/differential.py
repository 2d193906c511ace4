"""Answers to screens, and what a clinician concludes from them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.assessment.models import DifferentialDecision, ScreenReply
from openkap.apps.assessment.permissions import check_may_assess, check_may_enter_history
from openkap.apps.assessment.tried import scored_history
from openkap.apps.audit import operations as audit
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people import operations as people
from openkap.core.assessment.differential import differential
from openkap.errors import BadInput
from openkap.knowledge.schema.screen import Question, Screen

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@transaction.atomic
def record_replies(
    *,
    by: audit.Actor,
    now: datetime,
    patient: "Patient",
    screen: str,
    replies: Mapping[str, str | int],
    asked_on: date | None = None,
    note: str = "",
) -> ScreenReply:
    """Note the answers to a screen (a `screens` record) given on a local date, by default today.

    What was not answered is left out of `replies` and is not known. The latest answers count; earlier ones
    stay. Raises `BadInput` (naming the question), `Refused`.
    """
    check_may_enter_history(by, patient)
    record = knowledge_for(patient.site, now).screens.get(screen)
    if record is None:
        raise BadInput(_("There is no such screen."), field="screen")
    if not replies:
        raise BadInput(_("Answer at least one question."))
    _check_answers(record, replies)
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    day = asked_on or today
    if not patient.birth_date <= day <= today:
        raise BadInput(_("The date cannot be right."), field="asked_on")
    people.lock(patient)
    current = ScreenReply.objects.filter(patient=patient, screen=screen, superseded_by__isnull=True)
    row = ScreenReply.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
        screen=screen,
        screen_version=record.version,
        replies=dict(replies),
        asked_on=day,
        note=note.strip(),
        supersedes=current.order_by("-id").first(),
    )
    subject = audit.Subject("screen", row.public_id, patient.public_id, patient.site_id)
    audit.record(by=by, now=now, action="assessment.screen", subject=subject, details={"screen": screen})
    return row


@transaction.atomic
def conclude(
    *,
    by: audit.Actor,
    now: datetime,
    patient: "Patient",
    conclusion: str,
    main_condition: str,
    also_present: Sequence[str] = (),
    reason: str,
) -> DifferentialDecision:
    """Say which condition leads and whether it stands on its own, with the reason. The latest counts.

    Raises `BadInput`, `Refused`.
    """
    check_may_assess(by, patient)
    _check_conclusion(conclusion, main_condition, also_present, reason)
    people.lock(patient)
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    knowledge = knowledge_for(patient.site, now)
    proposed = differential(knowledge.screens.values(), scored_history(patient, today, knowledge).replies)
    current = DifferentialDecision.objects.filter(patient=patient, superseded_by__isnull=True)
    row = DifferentialDecision.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
        conclusion=conclusion,
        main_condition=main_condition,
        also_present=sorted(set(also_present)),
        reason=reason.strip(),
        proposed=proposed.proposal.value,
        on=today,
        supersedes=current.order_by("-id").first(),
    )
    subject = audit.Subject("differential", row.public_id, patient.public_id, patient.site_id)
    details = {"conclusion": conclusion, "main": main_condition}
    audit.record(by=by, now=now, action="assessment.conclude", subject=subject, details=details)
    return row


def _check_answers(screen: Screen, replies: Mapping[str, str | int]) -> None:
    known = {question.id: question for question in screen.questions}
    for name, answer in replies.items():
        if name not in known or not _fits(known[name], answer):
            raise BadInput(_("Choose one of the answers."), field=name)


def _fits(question: Question, answer: str | int) -> bool:
    if answer == "unknown":
        return True
    if question.range is not None:
        return isinstance(answer, int) and not isinstance(answer, bool) and answer in question.range
    return answer in ({choice.id for choice in question.choices} or {"yes", "no"})


def _check_conclusion(conclusion: str, main: str, also: Sequence[str], reason: str) -> None:
    if conclusion not in DifferentialDecision.Conclusion.values:
        raise BadInput(_("Choose a conclusion."), field="conclusion")
    if main not in DifferentialDecision.Condition.values:
        raise BadInput(_("Choose the condition that leads."), field="main_condition")
    if main in also or not set(also) <= set(DifferentialDecision.Condition.values):
        raise BadInput(_("Choose other conditions than the one that leads."), field="also_present")
    if not reason.strip():
        raise BadInput(_("Say why."), field="reason")
