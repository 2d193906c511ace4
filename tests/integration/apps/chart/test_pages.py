"""Importing by upload and the record, as people use them."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories import chart as fhir
from tests.factories.access import a_client, a_user
from tests.factories.chart import imported
from tests.factories.people import a_patient
from tests.factories.sites import a_site
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.chart.models import Condition, Observation
from openkap.apps.people.models import Patient
from openkap.apps.sites.models import Site

pytestmark = pytest.mark.django_db
PAGE = "/patients/import/"


@shared
def site() -> Site:
    return a_site()


@pytest.fixture
def coordinator(site: Site) -> User:
    return a_user(Role.COORDINATOR, site=site)


@pytest.fixture
def browser(coordinator: User) -> Client:
    return a_client(coordinator)


def upload(
    browser: Client, site: Site, *files: bytes, into: Patient | None = None, **more: str
) -> tuple[int, str]:
    named = [SimpleUploadedFile(f"chart{n}.json", raw) for n, raw in enumerate(files)]
    where = f"{PAGE}?into={into.public_id}" if into else PAGE
    sent = browser.post(where, {"site": str(site.public_id), "charts": named} | more)
    return sent.status_code, sent.content.decode()


def test_imports_a_chart_and_says_what_was_left_out(browser: Client, site: Site) -> None:
    assert browser.get(PAGE).status_code == 200
    code, page = upload(browser, site, fhir.synthea("freda-oconnell"))
    patient = Patient.objects.get()
    assert code == 200
    assert "Freda O&#x27;Connell" in page
    assert f"/patients/{patient.public_id}/record/" in page
    assert "visits elsewhere are not kept" in page
    code, page = upload(browser, site, fhir.synthea("freda-oconnell"))
    assert "Nothing has changed since the last import." in page


def test_one_refused_file_does_not_keep_the_others_out(browser: Client, site: Site) -> None:
    code, page = upload(browser, site, fhir.bundle(fhir.condition())[:-30], fhir.bundle(fhir.condition()))
    assert code == 400
    assert "Refused, nothing was taken over" in page
    assert "cut off" in page
    assert Condition.objects.count() == 1


def test_no_file_too_many_files_and_an_empty_one(browser: Client, site: Site) -> None:
    assert upload(browser, site)[0] == 400
    assert upload(browser, site, b"")[0] == 400
    assert upload(browser, site, *[b"{}"] * 26)[0] == 400
    assert browser.post(PAGE, {"charts": "no file"}).status_code == 400
    assert not Patient.objects.exists()


def test_a_namesake_is_asked_about(browser: Client, site: Site) -> None:
    upload(browser, site, fhir.bundle())
    other = fhir.bundle(who=fhir.patient(identifier=[{"system": "http://o.example", "value": "9"}]))
    assert "already a patient of this name" in upload(browser, site, other)[1]
    assert upload(browser, site, other, is_another_person="on")[0] == 200
    assert Patient.objects.count() == 2


def test_joins_a_record(browser: Client, site: Site) -> None:
    patient = a_patient(site, family_name="Quill", given_name="Rowan")
    assert f"into={patient.public_id}" in browser.get(f"/patients/{patient.public_id}/record/").content.decode()
    assert "Into the record of Rowan Quill" in browser.get(f"{PAGE}?into={patient.public_id}").content.decode()
    assert upload(browser, site, fhir.bundle(fhir.condition()), into=patient)[0] == 200
    assert Condition.objects.get().patient == patient


def test_a_record_out_of_reach_cannot_be_joined(browser: Client, site: Site) -> None:
    assert upload(browser, site, fhir.bundle(), into=a_patient(a_site("Hill")))[0] == 404


def test_the_record_shows_what_is_known(browser: Client, site: Site) -> None:
    over = fhir.condition("c2", code=fhir.coded("Cystitis"), clinicalStatus=fhir.status("resolved"))
    doubted = fhir.condition(
        "c3", code=fhir.coded("Angina"), verificationStatus=fhir.status("provisional", fhir.VERIFICATION)
    )
    patient = imported(
        fhir.bundle(
            fhir.condition(), over, doubted, fhir.order(), fhir.weight(), fhir.pressure(), fhir.procedure()
        ),
        site,
    ).patient
    page = browser.get(f"/patients/{patient.public_id}/record/").content.decode()
    active, resolved = (
        page.split("Resolved</summary>")[0],
        page.split("Resolved</summary>")[1].split("</details>")[0],
    )
    assert "Hypertension" in active
    assert "Angina" in active
    assert "provisional" in active
    assert "Cystitis" in resolved
    for shown in ("Sertraline", "one in the morning", "70.2", "128/81", "Electroconvulsive", "1 Aug 2026"):
        assert shown in page, shown
    assert "Nothing is recorded. That does not mean that there is nothing." in page  # allergies
    assert Row.objects.filter(action="chart.read", patient_id=patient.public_id).count() == 1


def test_values_are_entered_and_taken_back(browser: Client, site: Site) -> None:
    patient = a_patient(site)
    page = f"/patients/{patient.public_id}/record/"
    when = {"provenance": "measured", "measured_at": "2026-09-01T10:00"}
    assert browser.post(f"{page}values/", {"body-weight": "70.2"} | when).status_code == 302
    row = Observation.objects.get()
    assert row.measured_at is not None
    assert row.measured_at.isoformat() == "2026-09-01T17:00:00+00:00"  # ten o'clock in Los Angeles
    assert "70.2" in browser.get(page).content.decode()
    assert browser.post(f"{page}values/{row.public_id}/withdraw/").status_code == 302
    assert browser.post(f"{page}values/{row.public_id}/withdraw/").status_code == 302
    assert Observation.objects.count() == 2


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"body-weight": "heavy"},
        {"body-weight": "7000"},
        {"body-weight": "NaN"},
        {"body-weight": "70", "measured_at": "2126-09-01T10:00"},
        {"body-weight": "70", "measured_at": "0001-01-01T00:00"},
        {"body-weight": "70", "provenance": "guessed"},
        {"blood-pressure-systolic": "120"},
    ],
)
def test_bad_values_save_nothing(browser: Client, site: Site, said: dict[str, str]) -> None:
    patient = a_patient(site)
    usual = {"provenance": "measured", "measured_at": "2026-09-01T10:00"}
    refused = browser.post(f"/patients/{patient.public_id}/record/values/", usual | said)
    assert refused.status_code == 400
    assert "Nothing was saved yet" in refused.content.decode()
    assert not Observation.objects.exists()


def test_a_therapist_reads_the_record_but_enters_nothing(site: Site) -> None:
    therapist = a_user(Role.THERAPIST, site=site)
    patient = a_patient(site, therapist)
    browser = a_client(therapist)
    page = browser.get(f"/patients/{patient.public_id}/record/")
    assert page.status_code == 200
    assert "Enter values" not in page.content.decode()
    assert (
        browser.post(f"/patients/{patient.public_id}/record/values/", {"body-weight": "70"}).status_code == 403
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    raw=st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["resourceType", "type", "entry", "resource", "id", "name"]),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=10,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_whatever_is_uploaded_is_answered(browser: Client, site: Site, raw: bytes) -> None:
    assert upload(browser, site, raw)[0] == 400
    assert not Patient.objects.exists()
