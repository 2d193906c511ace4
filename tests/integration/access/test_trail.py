"""Who saw or changed what: the access log of a patient, the search of the privacy officer, the words."""

import ast
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from tests.factories.access import Personas, a_client, personas
from tests.factories.people import a_patient
from tests.factories.sites import a_site, day_here
from tests.sharing import shared

import openkap
from openkap.apps.access.roles import Role
from openkap.apps.audit.actions import known_actions
from openkap.apps.audit.models import Row

LOOKED = "<td>looked at the patient"
SOURCE = Path(openkap.__file__).parent


@shared
def here() -> Personas:
    return personas(a_site())


@pytest.mark.django_db
def test_a_look_at_the_chart_is_in_the_patients_log(here: Personas) -> None:
    patient = a_patient(here.site, here[Role.MONITOR])
    a_client(here[Role.MONITOR]).get(f"/patients/{patient.public_id}/details/")
    page = a_client(here[Role.MONITOR]).get(f"/patients/{patient.public_id}/access-log/").content.decode()
    assert "looked at the patient" in page
    assert "registered the patient" in page
    assert here[Role.MONITOR].full_name in page
    assert "OpenKAP itself" in page


@pytest.mark.django_db
def test_looking_at_the_log_is_kept_too(here: Personas) -> None:
    patient = a_patient(here.site)
    a_client(here[Role.PRIVACY_OFFICER]).get(f"/patients/{patient.public_id}/access-log/")
    row = Row.objects.get(action="audit.read-log")
    assert (row.patient_id, row.actor_id) == (patient.public_id, here[Role.PRIVACY_OFFICER].public_id)


@pytest.mark.django_db
def test_the_officer_sees_the_log_without_the_chart(here: Personas) -> None:
    patient = a_patient(here.site)
    page = (
        a_client(here[Role.PRIVACY_OFFICER]).get(f"/patients/{patient.public_id}/access-log/").content.decode()
    )
    assert patient.record_number in page
    assert patient.family_name not in page


@pytest.fixture
def officer(here: Personas) -> Client:
    return a_client(here[Role.PRIVACY_OFFICER])


@pytest.mark.django_db
def test_the_search_finds_by_person_patient_and_act(here: Personas, officer: Client) -> None:
    patient = a_patient(here.site, here[Role.MONITOR])
    a_client(here[Role.MONITOR]).get(f"/patients/{patient.public_id}/details/")
    today = day_here(timezone.now()).isoformat()
    for query in (
        f"who={here[Role.MONITOR].email}",
        f"record_number={patient.record_number}",
        "action=people.read",
        f"first_day={today}",
    ):
        answer = officer.get(f"/audit/?{query}")
        assert LOOKED in answer.content.decode(), query
    assert "Nothing here" in officer.get("/audit/?who=nobody-of-this-name").content.decode()
    assert LOOKED not in officer.get("/audit/?action=sites.add").content.decode()


@pytest.mark.django_db
def test_the_search_shows_nothing_of_another_site(here: Personas, officer: Client) -> None:
    there = personas(a_site("Other"))
    patient = a_patient(there.site, there[Role.MONITOR])
    a_client(there[Role.MONITOR]).get(f"/patients/{patient.public_id}/details/")
    assert LOOKED not in officer.get("/audit/?action=people.read").content.decode()
    assert officer.get(f"/patients/{patient.public_id}/access-log/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["first_day=yesterday", "action=nothing.known", "last_day=9999-99-99"])
def test_a_bad_search_says_so(officer: Client, query: str) -> None:
    assert officer.get(f"/audit/?{query}").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["page=x", "page=-1", "page=999999", "who=%00", "record_number=%27%3B--"])
def test_nonsense_in_the_search_is_harmless(officer: Client, query: str) -> None:
    assert officer.get(f"/audit/?{query}").status_code in {200, 400}


def written_actions() -> set[str]:
    """Every `action="..."` that the product writes."""
    found = set()
    for path in (SOURCE / "apps").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "action" and isinstance(node.value, ast.Constant):
                found.add(str(node.value.value))
    return {action for action in found if "." in action}


def test_every_action_has_words() -> None:
    assert written_actions() <= {action for action, _ in known_actions()}
