"""What the tabs of a chart cost: statements sent to the database, however much the chart holds.

Above a bound: look for a question that is asked twice, or once for each row, before the bound is raised.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.access import a_client, personas
from tests.factories.assessment import clear_items
from tests.factories.dosing import Sitting
from tests.factories.history import a_trial
from tests.factories.measures import a_phq_9, a_total
from tests.factories.safety import a_result, a_safety_plan, an_asq
from tests.factories.sites import THEN, a_site
from tests.factories.tasks import a_patient, a_task, an_alert, cared_for
from tests.factories.therapy import a_note, after_a_dose

from openkap.apps.access.roles import ROLES, Permission, Role
from openkap.apps.audit.operations import SystemActor
from openkap.apps.chart.operations import Entry, record_fact
from openkap.apps.people.operations import add_to_care_team, end_in_care_team, link_account
from openkap.apps.people.queries import holds, patients_for
from openkap.core.assessment import assess

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SYSTEM = SystemActor()
MANY = 4
JUDGED = "openkap.apps.assessment.judging.assess"
ENTRIES = (
    ("problem", "Sprained ankle", "active"),
    ("medicine", "Loratadine", "active"),
    ("procedure", "Tonsillectomy", "completed"),
)
# of these some twenty are the person with their roles, the trail, the navigation and the header of the chart
BOUNDS = {
    "": 36,
    "record/": 34,
    "assessment/": 41,
    "assessment/history/": 31,
    "assessment/clearance/": 42,
    "assessment/method/": 33,
    "assessment/options/": 31,
    "assessment/consent/": 28,
    "assessment/summary/": 48,
    "plan/": 27,
    "sessions/": 26,
    "therapy/": 27,
    "journal/": 28,
    "measures/": 40,
    "safety/": 31,
    "details/": 28,
    "access-log/": 29,
}


@pytest.fixture
def sitting() -> Sitting:
    sitting, visit = after_a_dose()
    patient, cared, later = sitting.cared.patient, sitting.cared, sitting.zero + DAY
    clear_items(patient, later)
    a_note(sitting, visit)
    a_safety_plan(patient, cared.prescriber, signs="cannot sleep")
    for number in range(MANY):
        fill(sitting, later, number)
    return sitting


def fill(sitting: Sitting, now: datetime, number: int) -> None:
    """A row more of everything that a chart has many of."""
    cared, patient = sitting.cared, sitting.cared.patient
    a_phq_9(patient, now, "1,1,1,1,1,1,1,1,0")
    a_total(patient, now, 9, "gad-7")
    an_asq(patient, now)
    a_result(patient, cared.prescriber, now)
    a_trial(patient, now=now)
    a_task(cared)
    an_alert(cared)
    for kind, words, status in ENTRIES:
        entry = Entry(kind, f"{words} {number}", "patient", {"status": status})
        record_fact(by=SYSTEM, now=now, patient=patient, entry=entry)


@contextmanager
def asked() -> Iterator[list[str]]:
    """The statements of the block, without savepoints."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as caught:
        yield found
    found += [one["sql"] for one in caught.captured_queries if "SAVEPOINT" not in one["sql"]]


def cost(client: Client, page: str) -> int:
    """Statements for a page."""
    with asked() as statements:
        assert client.get(page).status_code == 200, page
    return len(statements)


def test_tabs_cost_little_however_much_they_show(sitting: Sitting) -> None:
    root, later = f"/patients/{sitting.cared.patient.public_id}/", sitting.zero + 2 * DAY
    with time_machine.travel(later, tick=False):
        client = a_client(sitting.cared.medical_director)
        first = {tab: cost(client, root + tab) for tab in BOUNDS}
        # what is read once for each process may be read at first
        above = {tab for tab, statements in first.items() if statements > BOUNDS[tab]}
        assert {tab: n for tab in above if (n := cost(client, root + tab)) > BOUNDS[tab]} == {}
        judged_once(client, sitting)


def judged_once(client: Client, sitting: Sitting) -> None:
    """The steps that judge do so once, by one look at what is known and was signed off."""
    root = f"/patients/{sitting.cared.patient.public_id}/assessment/"
    for step in ("", "clearance/", "summary/"):
        with asked() as statements, patch(JUDGED, wraps=assess) as judged:
            client.get(root + step)
        assert judged.call_count == 1, step
        assert sum("knowledge_base_signoff" in one for one in statements) == 1, step


def test_what_one_page_remembers_the_next_one_asks_anew() -> None:
    cared = cared_for()
    page = f"/patients/{cared.patient.public_id}/"
    with time_machine.travel(THEN + DAY, tick=False):
        client = a_client(cared.prescriber)
        assert "no dose" not in client.get(page).content.decode()
        a_result(cared.patient, cared.prescriber, THEN, 5, True, True)
        assert "no dose" in client.get(page).content.decode()


def test_holding_a_permission_on_a_patient_is_to_find_them_among_ones_patients() -> None:
    here, there = personas(a_site("Harbour Clinic")), personas(a_site("Forest House"))
    patients = [a_patient(here.site), a_patient(here.site), a_patient(there.site)]
    for role in (Role.PRESCRIBER, Role.THERAPIST):
        add_to_care_team(by=SYSTEM, now=THEN, patient=patients[0], user=here[role], role=role)
        left = add_to_care_team(by=SYSTEM, now=THEN, patient=patients[1], user=here[role], role=role)
        end_in_care_team(by=SYSTEM, now=THEN, member=left)
    link_account(by=SYSTEM, now=THEN, patient=patients[1], user=here[Role.PATIENT])
    for role in Role:
        for permission in (min(ROLES[role]), min(set(Permission) - ROLES[role])):
            among = set(patients_for(here[role], permission))
            assert {one for one in patients if holds(here[role], permission, one)} == among, (role, permission)
