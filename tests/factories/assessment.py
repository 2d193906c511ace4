"""Episodes for tests, begun through the operations."""

from datetime import datetime, timedelta
from typing import Any

from openkap.apps.access.models import User
from openkap.apps.assessment.models import Episode
from openkap.apps.assessment.operations import (
    PressureReading,
    ResultEntry,
    record_pressures,
    record_results,
    set_indication,
)
from openkap.apps.assessment.queries import assessment_of
from openkap.apps.assessment.shown import open_questions
from openkap.apps.chart.operations import record_answer, record_observations
from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.knowledge_base.queries import can_be_decided, knowledge_for
from openkap.apps.people.models import Patient
from openkap.apps.sites.models import Site
from openkap.units import Quantity
from tests.factories.history import a_whole_history
from tests.factories.people import SYSTEM
from tests.factories.sites import THEN, day_here


def an_episode(patient: Patient, by: User, now: datetime = THEN, **asked: Any) -> Episode:
    """A course of ketamine IV for resistant depression."""
    usual = {"indication": "trd", "drug": "ketamine", "route": "iv"}
    return set_indication(by=by, now=now, patient=patient, **usual | asked)


def adopt_all_rules(director: User, site: Site, now: datetime = THEN) -> None:
    """The medical director has signed off every rule that waits for it."""
    for rule in knowledge_for(site, now).rules.values():
        if can_be_decided(rule):
            sign_off(by=director, now=now, record_id=rule.id, version=rule.version, site=site, adopted=True)


def answer_all(patient: Patient, now: datetime = THEN) -> None:
    """Every open question is answered with no, the blood pressure taken, the history of treatment entered."""
    a_whole_history(patient, now=now)
    values = {
        "blood-pressure-systolic": Quantity.of("118", "mm[Hg]"),
        "blood-pressure-diastolic": Quantity.of("76", "mm[Hg]"),
    }
    record_observations(by=SYSTEM, now=now, patient=patient, values=values)
    judged = assessment_of(patient, now)
    assert judged is not None
    clear_items(patient, now)
    for concept in open_questions(judged):
        record_answer(by=SYSTEM, now=now, patient=patient, concept=concept, reply="absent")


def clear_items(patient: Patient, now: datetime = THEN) -> None:
    """Every item of medical clearance was done today, and is normal."""
    upper, lower = Quantity.of("118", "mm[Hg]"), Quantity.of("76", "mm[Hg]")
    readings = [PressureReading(now - timedelta(minutes=5 * n), upper, lower) for n in range(3)]
    record_pressures(
        by=SYSTEM,
        now=now,
        patient=patient,
        readings=readings,
        position="sitting",
        arm="left",
        rest_minutes=10,
    )
    sizes = {"body-weight": Quantity.of("70", "kg"), "body-height": Quantity.of("170", "cm")}
    record_observations(by=SYSTEM, now=now, patient=patient, values=sizes)
    items = knowledge_for(patient.site, now).clearance_items.values()
    entries = [a_result(item.id, now, total=2 if item.total else None) for item in items if item.needs_reading]
    record_results(by=SYSTEM, now=now, patient=patient, entries=entries)


def a_result(item_id: str, now: datetime = THEN, **said: Any) -> ResultEntry:
    """A normal result of today, from a laboratory."""
    usual: dict[str, Any] = {"done_on": day_here(now), "reading": "normal", "source": "laboratory"}
    return ResultEntry(item_id, **usual | said)
