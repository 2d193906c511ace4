"""Treatments tried and screens for tests, entered through the operations."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from openkap.apps.assessment.models import PastTreatment
from openkap.apps.assessment.operations import Tried, describe_spell, record_replies, record_treatment
from openkap.apps.audit.operations import Actor
from openkap.apps.people.models import Patient
from openkap.units.partial_dates import PartialDate
from tests.factories.people import SYSTEM
from tests.factories.sites import THEN

NOTHING_FOUND: dict[str, dict[str, str | int]] = {
    "bipolar-questions": {
        "diagnosed": "no", "high-times": "no", "less-sleep": "no", "noticed": "no",
        "after-antidepressant": "no",
    },
    "psychosis-questions": {"diagnosed": "no", "voices": "no", "beliefs": "no", "observed": "no"},
    "cause-questions": {"substance": "no", "medicine": "no", "illness": "no", "also-without": "no"},
}  # fmt: skip


def tried(**said: Any) -> Tried:
    """An adequate trial of sertraline in the present spell that helped little, told by the patient."""
    usual: dict[str, Any] = {
        "kind": "drug", "told_by": "patient", "treatment": "sertraline", "dose": Decimal(150),
        "dose_unit": "mg/d",
        "dose_adequate": "yes", "taken_as_agreed": "yes", "weeks": Decimal(10), "percent_better": Decimal(15),
        "spell": "present", "why_ended": "no-effect",
    }  # fmt: skip
    return Tried(**usual | said)


def a_trial(patient: Patient, by: Actor = SYSTEM, now: datetime = THEN, **said: Any) -> PastTreatment:
    """One treatment tried, by default sertraline that failed."""
    return record_treatment(by=by, now=now, patient=patient, tried=tried(**said))


def a_spell(patient: Patient, by: Actor = SYSTEM, now: datetime = THEN, **said: Any) -> None:
    """A severe spell that began in 2023, with everything tried entered."""
    usual: dict[str, Any] = {"since": PartialDate.parse("2023-02"), "severity": "severe", "is_complete": True}
    describe_spell(by=by, now=now, patient=patient, **usual | said)


def ask_screens(patient: Patient, by: Actor = SYSTEM, now: datetime = THEN) -> None:
    """The screens that decide, answered with nothing found."""
    for screen, replies in NOTHING_FOUND.items():
        record_replies(by=by, now=now, patient=patient, screen=screen, replies=replies)


def a_whole_history(patient: Patient, by: Actor = SYSTEM, now: datetime = THEN) -> None:
    """Two medicines and a psychotherapy that failed, nothing left out, and screens that found nothing."""
    a_trial(patient, by, now)
    a_trial(patient, by, now, treatment="venlafaxine", dose=Decimal(225))
    a_trial(
        patient, by, now, kind="psychotherapy", treatment="tried-cbt", dose=None, dose_unit="", weeks=None,
        percent_better=None, benefit="none", sessions=16, structured="yes", full_course="yes",
    )  # fmt: skip
    a_spell(patient, by, now)
    ask_screens(patient, by, now)
