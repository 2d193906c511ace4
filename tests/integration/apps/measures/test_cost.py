"""What an answer costs: statements sent to the database for each step, and whom it makes wait.

The bounds are what 200 people at once can be served with (benchmarks/filling). Above one of them: look for a
question that is asked twice, before the bound is raised.
"""

import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.factories.measures import an_ask, begun
from tests.factories.portal import a_help, a_telephone
from tests.factories.tasks import cared_for
from tests.sharing import shared

from openkap.apps.measures.operations import keep_answer
from openkap.apps.people.models import Patient

pytestmark = pytest.mark.django_db
ITEM = 2
WHO_IT_IS = 4  # session, person, sign-in, roles with their sites


@shared
def patient() -> Patient:
    found = cared_for().patient
    a_help(found.site)
    an_ask(found, "phq-9", timezone.now())
    return found


@pytest.fixture
def phone(patient: Patient) -> Client:
    client = a_telephone(patient)
    patient.refresh_from_db()
    begun(patient, "phq-9", timezone.now())
    client.get(question())  # what is read once for each process is read
    return client


def question(number: int = ITEM) -> str:
    return reverse("measures:own-question", args=["phq-9", number])


def tapped(phone: Client, answer: int) -> HttpResponseBase:
    body = json.dumps({"answer": [str(answer)]})
    return phone.put(question(), body, content_type="application/json")


def statements(act: Callable[[], HttpResponseBase], status: int) -> list[str]:
    with CaptureQueriesContext(connection) as caught:
        assert act().status_code == status
    return [one["sql"] for one in caught.captured_queries if "SAVEPOINT" not in one["sql"]]


def test_a_tap_asks_little_and_writes_once(phone: Client) -> None:
    sent = statements(lambda: tapped(phone, 1), 200)
    assert len(sent) <= WHO_IT_IS + 5, "\n".join(sent)  # the patient, knowledge, form, lock, write
    assert [one.split()[1] for one in sent if one.startswith(("UPDATE", "INSERT"))] == ['"measures_filling"']


def test_a_tap_among_all_questions_costs_no_more(phone: Client) -> None:
    where = reverse("measures:own-sheet", args=["phq-9"])
    body = json.dumps({"fields": {f"q-{ITEM}": ["1"]}, "held": {f"q-{ITEM}": []}})
    sent = statements(lambda: phone.put(where, body, content_type="application/json"), 200)
    assert len(sent) <= WHO_IT_IS + 5, "\n".join(sent)  # what is said of the form was read under its lock


def test_next_does_not_write_again_what_was_tapped(phone: Client) -> None:
    tapped(phone, 2)
    sent = statements(lambda: phone.post(question(), {"answer": "2"}), 302)
    assert len(sent) <= WHO_IT_IS + 3, "\n".join(sent)
    assert not [one for one in sent if not one.lstrip().startswith("SELECT")]


def test_a_question_is_shown_with_few_statements(phone: Client) -> None:
    sent = statements(lambda: phone.get(question()), 200)
    assert len(sent) <= WHO_IT_IS + 5, "\n".join(sent)  # the help on every page is the last of them


def test_an_answer_locks_its_form_alone(phone: Client, patient: Patient) -> None:
    """Locked with it, the site's row made everybody of the clinic wait for everybody else."""
    sent = statements(lambda: tapped(phone, 3), 200)
    locks = [one for one in sent if "FOR UPDATE" in one]
    assert len(locks) == 1
    assert "sites_site" not in locks[0]
    assert "people_patient" not in locks[0]


def test_the_same_answer_is_kept_once_and_another_takes_its_place(phone: Client, patient: Patient) -> None:
    filling = begun(patient, "phq-9", timezone.now())
    user = patient.user
    assert user is not None
    for answer in (1, 1, 2):
        filling = keep_answer(by=user, now=timezone.now(), filling=filling, item_id="3", answer=answer)
    filling.refresh_from_db()
    assert filling.answers["3"] == 2
