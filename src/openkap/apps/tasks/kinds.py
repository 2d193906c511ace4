"""What a task or an alert may be about: one row per code, with its words and who answers for it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from openkap.apps.access.roles import Role
from openkap.errors import BadInput

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class TaskKind(StrEnum):
    """A piece of work that someone owns until it is done."""

    MEASURE_DUE = "measure-due"
    MEASURE_REPEAT = "measure-repeat"
    CHART_REVIEW = "chart-review"
    FINDING_REVIEW = "finding-review"
    OFF_TRACK = "off-track"
    CLEARANCE = "clearance"
    INTAKE_REVIEW = "intake-review"
    MESSAGE_UNDELIVERED = "message-undelivered"
    STAFF_UNREACHED = "staff-unreached"
    RISK_REVIEW = "risk-review"
    RISK_STEP = "risk-step"
    RISK_DECISION = "risk-decision"
    VISIT_BOOK = "visit-book"
    VISIT_MISSED = "visit-missed"
    SESSION_SIGN = "session-sign"
    NEXT_DAY_CALL = "next-day-call"
    NOTE_SIGN = "note-sign"
    PLAN_REVIEW = "plan-review"
    KNOWLEDGE_SIGN = "knowledge-sign"
    CONSENT_COUNTERSIGN = "consent-countersign"
    CONSENT_QUESTION = "consent-question"
    CONSENT_RENEW = "consent-renew"
    CONSENT_STOPPED = "consent-stopped"


class AlertKind(StrEnum):
    """Something that a person must hear of and answer."""

    SUICIDE_ITEM = "suicide-item"
    DETERIORATION = "deterioration"
    LIMIT_CROSSED = "limit-crossed"
    VITALS_OVERDUE = "vitals-overdue"
    ENTRY_REJECTED = "entry-rejected"
    DOSE_SPACING = "dose-spacing"
    CONSENT_WITHDRAWN = "consent-withdrawn"


@dataclass(frozen=True)
class TaskRow:
    """`role` owns a task that names nobody; `escalate_to` hears of it when it is missed.

    `says_what_was_done`: not closed without it. `done_elsewhere`: what it asks for closes it.
    """

    words: "_StrPromise"
    role: Role
    escalate_to: Role | None
    says_what_was_done: bool = False
    done_elsewhere: bool = False


@dataclass(frozen=True)
class AlertRow:
    """`escalate_to` hears of an alert that nobody acknowledged in time; the medical director after that."""

    words: "_StrPromise"
    escalate_to: Role


TASKS: dict[TaskKind, TaskRow] = {
    TaskKind.MEASURE_DUE: TaskRow(_("Questionnaire due"), Role.COORDINATOR, Role.THERAPIST),
    TaskKind.MEASURE_REPEAT: TaskRow(_("Repeat the questionnaire"), Role.COORDINATOR, Role.PRESCRIBER),
    TaskKind.CHART_REVIEW: TaskRow(_("Review what was imported"), Role.PRESCRIBER, Role.MEDICAL_DIRECTOR),
    TaskKind.FINDING_REVIEW: TaskRow(_("Decide on a finding"), Role.PRESCRIBER, Role.MEDICAL_DIRECTOR),
    TaskKind.OFF_TRACK: TaskRow(
        _("Off track: consider what to change"), Role.PRESCRIBER, Role.MEDICAL_DIRECTOR, says_what_was_done=True
    ),
    TaskKind.CLEARANCE: TaskRow(
        _("Medical clearance is missing or runs out"), Role.COORDINATOR, Role.PRESCRIBER
    ),
    TaskKind.INTAKE_REVIEW: TaskRow(_("Review the intake"), Role.COORDINATOR, Role.PRESCRIBER),
    TaskKind.MESSAGE_UNDELIVERED: TaskRow(
        _("A message did not reach the patient: call them"), Role.COORDINATOR, Role.PRESCRIBER
    ),
    TaskKind.STAFF_UNREACHED: TaskRow(
        _("A message did not reach somebody on the staff: see how they are reached"),
        Role.COORDINATOR,
        Role.MEDICAL_DIRECTOR,
        says_what_was_done=True,
    ),
    TaskKind.RISK_REVIEW: TaskRow(_("Review suicide risk"), Role.PRESCRIBER, Role.MEDICAL_DIRECTOR),
    TaskKind.RISK_STEP: TaskRow(
        _("Suicide risk: next step"), Role.PRESCRIBER, Role.MEDICAL_DIRECTOR, says_what_was_done=True
    ),
    TaskKind.RISK_DECISION: TaskRow(
        _("Suicide risk: decide on dosing"), Role.PRESCRIBER, Role.MEDICAL_DIRECTOR, done_elsewhere=True
    ),
    TaskKind.VISIT_BOOK: TaskRow(_("Book a visit"), Role.COORDINATOR, Role.PRESCRIBER),
    TaskKind.VISIT_MISSED: TaskRow(
        _("Nobody has said whether this visit took place"), Role.COORDINATOR, Role.PRESCRIBER
    ),
    TaskKind.SESSION_SIGN: TaskRow(_("Sign the session"), Role.PRESCRIBER, Role.MEDICAL_DIRECTOR),
    TaskKind.NEXT_DAY_CALL: TaskRow(_("Call the day after the dose"), Role.MONITOR, Role.PRESCRIBER),
    TaskKind.NOTE_SIGN: TaskRow(_("Write and sign the therapy note"), Role.THERAPIST, Role.MEDICAL_DIRECTOR),
    TaskKind.PLAN_REVIEW: TaskRow(_("Review the plan"), Role.PRESCRIBER, Role.MEDICAL_DIRECTOR),
    TaskKind.CONSENT_COUNTERSIGN: TaskRow(_("Countersign the consent"), Role.PRESCRIBER, Role.MEDICAL_DIRECTOR),
    TaskKind.CONSENT_QUESTION: TaskRow(
        _("Answer a question about the consent"), Role.PRESCRIBER, Role.MEDICAL_DIRECTOR
    ),
    TaskKind.CONSENT_RENEW: TaskRow(_("Consent must be signed again"), Role.PRESCRIBER, Role.MEDICAL_DIRECTOR),
    TaskKind.CONSENT_STOPPED: TaskRow(
        _("Consent was withdrawn and asking has stopped: decide how it goes on"),
        Role.PRESCRIBER,
        Role.MEDICAL_DIRECTOR,
        says_what_was_done=True,
    ),
    TaskKind.KNOWLEDGE_SIGN: TaskRow(_("Decide on a knowledge record"), Role.MEDICAL_DIRECTOR, None),
}

ALERTS: dict[AlertKind, AlertRow] = {
    AlertKind.SUICIDE_ITEM: AlertRow(_("Answer about suicide or self-harm"), Role.PRESCRIBER),
    AlertKind.DETERIORATION: AlertRow(_("Getting worse"), Role.PRESCRIBER),
    AlertKind.LIMIT_CROSSED: AlertRow(_("A limit was crossed in a session"), Role.PRESCRIBER),
    AlertKind.VITALS_OVERDUE: AlertRow(_("Vital signs overdue in a session"), Role.PRESCRIBER),
    AlertKind.ENTRY_REJECTED: AlertRow(_("An entry could not be applied"), Role.PRESCRIBER),
    AlertKind.DOSE_SPACING: AlertRow(_("Doses closer than the protocol allows"), Role.PRESCRIBER),
    AlertKind.CONSENT_WITHDRAWN: AlertRow(_("The patient has withdrawn consent"), Role.PRESCRIBER),
}


def task_kind(code: str) -> TaskKind:
    """The kind of that code. Raises `BadInput`."""
    try:
        return TaskKind(code)
    except ValueError:
        raise BadInput("There is no kind of task called %(code)s.", field="kind", code=repr(code)) from None


def alert_kind(code: str) -> AlertKind:
    """The kind of that code. Raises `BadInput`."""
    try:
        return AlertKind(code)
    except ValueError:
        raise BadInput("There is no kind of alert called %(code)s.", field="kind", code=repr(code)) from None
