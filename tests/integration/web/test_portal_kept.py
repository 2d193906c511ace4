"""What a patient's telephone may keep for when there is no line, and what it may not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from tests.factories.access import a_client
from tests.factories.people import a_patient
from tests.factories.portal import a_help, a_telephone, let_in
from tests.factories.safety import a_safety_plan
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.models import SignIn
from openkap.apps.access.operations import choose_code
from openkap.apps.audit.models import Row
from openkap.apps.people.models import Patient

pytestmark = pytest.mark.django_db


@shared
def care() -> CaredFor:
    return cared_for()


@pytest.fixture
def patient(care: CaredFor) -> Patient:
    a_help(care.site)
    a_safety_plan(care.patient, care.therapist, helpers="Marta, 555 0178")
    return care.patient


def test_the_worker_is_a_script_of_ours_under_the_portal_alone() -> None:
    answer = Client().get("/portal/worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "Service-Worker-Allowed" not in answer.headers  # its reach is its own folder
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_kept_help_page_has_the_clinics_numbers_and_nothing_of_the_person(patient: Patient) -> None:
    patient.contact_name, patient.contact_phone = "Tomas", "555 0111"
    patient.save(update_fields=["contact_name", "contact_phone"])
    phone = a_telephone(patient)
    answer = phone.get("/portal/kept/help/")
    page = answer.content.decode()
    assert answer.headers["X-Kept-For"] == "site"
    assert "tel:911" in page
    for own in ("Tomas", "555 0111", patient.family_name, patient.given_name, "Marta", "csrfmiddlewaretoken"):
        assert own not in page
    version = answer.headers["X-Kept-Version"]
    assert f'data-kept-help="{version}"' in phone.get("/portal/").content.decode()
    phone.post("/portal/text-size/", {"size": "larger"})
    assert phone.get("/portal/kept/help/").headers["X-Kept-Version"] != version


def test_strangers_are_kept_the_general_page_only(patient: Patient) -> None:
    answer = Client().get("/portal/kept/help/")
    assert answer.headers["X-Kept-For"] == "anyone"
    assert 'href="sms:' not in answer.content.decode()
    assert 'data-sent="no"' in Client().get("/portal/kept/offline/").content.decode()
    assert Client().get("/portal/kept/plan/").status_code == 302
    assert "data-nobody" in Client().get("/sign-in/link/").content.decode()


def test_the_plan_is_given_for_this_telephone_until_the_sign_in_ends_and_the_trail_says_so(
    patient: Patient, care: CaredFor
) -> None:
    phone = a_telephone(patient)
    answer = phone.get("/portal/kept/plan/")
    assert "Marta, 555 0178" in answer.content.decode()
    until = parse_datetime(answer.headers["X-Kept-Until"])
    assert until == SignIn.objects.get().began_at + timedelta(days=14)
    version = answer.headers["X-Kept-Version"]
    assert f'data-kept-plan="{version}"' in phone.get("/portal/").content.decode()
    assert Row.objects.filter(action="safety.keep-plan").count() == 1
    a_safety_plan(patient, care.therapist, helpers="Marta, 555 0999")
    fresh = phone.get("/portal/kept/plan/").headers["X-Kept-Version"]
    assert fresh != version
    assert fresh.split(".")[0] == version.split(".")[0]  # the same owner: the kept one is renewed


def test_while_entry_is_locked_no_plan_is_given_and_a_kept_one_is_left_alone(patient: Patient) -> None:
    user = let_in(patient)
    choose_code(by=user, now=timezone.now(), code="280917")
    locked = a_client(user)
    locked.post("/portal/leave/")
    assert locked.get("/portal/kept/plan/").headers["Location"].startswith("/unlock/")
    page = locked.get("/portal/help/").content.decode()
    assert "data-kept-help" in page
    assert "data-kept-plan" not in page


def test_who_has_no_plan_has_none_to_keep_and_anothers_is_taken_off(patient: Patient) -> None:
    other = a_patient(patient.site)
    phone = a_telephone(other)
    assert phone.get("/portal/kept/plan/").status_code == 404
    assert 'data-kept-plan=""' in phone.get("/portal/").content.decode()
