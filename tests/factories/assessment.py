"""Episodes for tests, begun through the operations."""

from datetime import datetime
from typing import Any

from openkap.apps.access.models import User
from openkap.apps.assessment.models import Episode
from openkap.apps.assessment.operations import set_indication
from openkap.apps.people.models import Patient
from tests.factories.sites import THEN


def an_episode(patient: Patient, by: User, now: datetime = THEN, **asked: Any) -> Episode:
    """A course of ketamine IV for resistant depression."""
    usual = {"indication": "trd", "drug": "ketamine", "route": "iv"}
    return set_indication(by=by, now=now, patient=patient, **usual | asked)
