"""A process that is killed midway, as the kernel kills it: no alert is lost and none is doubled."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from tests.factories.safety import ACUTE, an_asq
from tests.factories.tasks import SYSTEM, CaredFor, cared_for
from tests.template import with_database

from openkap.apps.measures.models import Response
from openkap.apps.measures.operations import Entry, record_response
from openkap.apps.messages.models import Message
from openkap.apps.people.models import Patient
from openkap.apps.safety.models import Opening, Screen
from openkap.apps.safety.operations import keep_safety
from openkap.apps.sites.rows import new_id
from openkap.apps.tasks.models import Alert, Task
from openkap.apps.tasks.operations import escalate_overdue

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[4]
ANSWERS = {"1": 0, "2": 0, "3": 1, "4": 0, "5": 1}
HALF_WAY = """
import sys, time
import django
django.setup()
from django.utils import timezone
from openkap.apps.safety import operations

def stopping(module, name, calls):
    real, left = getattr(module, name), [calls]
    def doubled(**said):
        done = real(**said)
        left[0] -= 1
        if not left[0]:
            print("half way", flush=True)
            time.sleep(60)
        return done
    setattr(module, name, doubled)

"""
# Killed when the second of the steps has been opened, before any of it is committed.
WHILE_ANSWERING = """
from uuid import UUID
from openkap.apps.audit.operations import SystemActor
from openkap.apps.measures.operations import Entry, record_response
from openkap.apps.people.queries import patient_named
from openkap.apps.safety.operations import opening
stopping(opening, "open_task", 2)
now = timezone.now()
record_response(by=SystemActor(), now=now, patient=patient_named(sys.argv[1]), entry_id=UUID(sys.argv[2]),
                entry=Entry("asq", now, {"1": 0, "2": 0, "3": 1, "4": 0, "5": 1}))
"""
# Killed in the worker's routine, when the first person has been called.
WHILE_CALLING = """
from openkap.apps.safety.operations import calling
from openkap.jobs.routines import ROUTINES
from openkap.jobs.running import run_routine
stopping(calling, "call_staff", 1)
run_routine(ROUTINES["safety.due"])
"""


def kill_half_way(what: str, *words: str) -> None:
    """Run it in a process of its own and kill that where it says that it is half way."""
    address = with_database(os.environ["OPENKAP_DATABASE_URL"], str(connection.settings_dict["NAME"]))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "openkap.config.settings",
        "OPENKAP_DATABASE_URL": address,
        "OPENKAP_SECRET_KEY": str(settings.SECRET_KEY),
    }
    command = [sys.executable, "-c", HALF_WAY + what, *words]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "half way\n"
        child.send_signal(signal.SIGKILL)
        assert child.wait(60) == -signal.SIGKILL


def counts(patient: Patient) -> tuple[int, ...]:
    return tuple(
        kind.objects.filter(patient=patient).count() for kind in (Response, Screen, Opening, Alert, Task)
    )


def test_killed_while_an_answer_is_kept_nothing_stands_and_the_next_try_does_it_all_once() -> None:
    care, entry = cared_for(), new_id()
    kill_half_way(WHILE_ANSWERING, str(care.patient.public_id), str(entry))
    assert counts(care.patient) == (0, 0, 0, 0, 0)
    now = timezone.now()
    for _try in range(2):  # the telephone sends again what was not confirmed, and once more
        said = Entry("asq", now, ANSWERS)
        record_response(by=SYSTEM, now=now, patient=care.patient, entry=said, entry_id=entry)
    assert counts(care.patient) == (1, 1, 1, 1, 6)
    assert keep_safety(now=now) == 0


def test_a_worker_killed_while_it_calls_people_leaves_it_to_the_next_which_calls_each_once() -> None:
    care = cared_for()
    now = timezone.now()
    an_asq(care.patient, now - timedelta(minutes=20), ACUTE)
    escalate_overdue(now=now)
    before = written()
    kill_half_way(WHILE_CALLING)
    assert written() == before
    keep_safety(now=now)
    keep_safety(now=now)
    assert set(written().values()) == {1}
    assert care.prescriber in called(care)


def written() -> Counter[tuple[str, object]]:
    return Counter((one.key.rpartition(":")[0], one.user_id) for one in Message.objects.all())


def called(care: CaredFor) -> set[object]:
    return {one.user for one in Message.objects.select_related("user") if one.user != care.medical_director}
