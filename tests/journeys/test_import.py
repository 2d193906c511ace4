"""A coordinator uploads a chart; a prescriber sets the indication, reads the findings and sets one aside."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.browsing import assert_good_in_every_look
from tests.factories import chart as fhir
from tests.factories.access import Personas, personas
from tests.factories.assessment import adopt_all_rules, an_episode
from tests.factories.chart import imported
from tests.factories.people import SYSTEM
from tests.factories.sites import THEN

from openkap.apps.access.roles import Role
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import add_to_care_team

PageAs = Callable[..., Page]
Check = Callable[..., None]


def on_the_team(people: Personas, patient: Patient) -> Patient:
    add_to_care_team(by=SYSTEM, now=THEN, patient=patient, user=people[Role.PRESCRIBER])
    return patient


def test_from_the_file_to_the_findings(page_as: PageAs, tmp_path: Path, axe: Check) -> None:
    people = personas()
    adopt_all_rules(people[Role.MEDICAL_DIRECTOR], people.site)
    chart, broken = tmp_path / "trey.json", tmp_path / "broken.json"
    chart.write_bytes(fhir.synthea("trey-leffler"))
    broken.write_bytes(fhir.synthea("trey-leffler")[:9000])

    page = page_as(people[Role.COORDINATOR], "/patients/import/")
    page.get_by_label("FHIR R4 bundles").set_input_files([chart, broken])
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Refused, nothing was taken over")).to_be_visible()
    expect(page.get_by_text("cut off")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Trey Leffler").click()
    expect(page.get_by_text("Alcoholism").first).to_be_visible()

    page.get_by_label("Weight").fill("81.5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="measured here")).to_contain_text("81.5")

    page.goto("/patients/?q=leff")
    expect(page.get_by_role("link", name="Leffler, Trey")).to_be_visible()

    patient = on_the_team(people, Patient.objects.get())
    page = page_as(people[Role.PRESCRIBER], f"/patients/{patient.public_id}/assessment/")
    page.get_by_label("Indication", exact=True).select_option("Treatment-resistant depression")
    page.get_by_role("button", name="Set the indication").click()
    finding = page.locator("article").filter(has_text="Alcoholism").filter(has=page.get_by_text("Override"))
    expect(finding.first).to_be_visible()
    finding.first.locator("summary").click()
    finding.first.get_by_label("Reason").fill("Abstinent for eighteen months")
    finding.first.get_by_role("button", name="Set aside").click()
    expect(page.get_by_text("Set aside. It is shown ever after.")).to_be_visible()
    axe(page)


def test_the_pages_are_accessible_and_fit(page_as: PageAs) -> None:
    people = personas()
    patient = on_the_team(people, imported(fhir.synthea("louie-jast"), people.site).patient)
    an_episode(patient, people[Role.PRESCRIBER])
    chart = f"/patients/{patient.public_id}/"
    pages = {role: page_as(people[role]) for role in (Role.COORDINATOR, Role.PRESCRIBER)}
    for role, path, picture in (
        (Role.COORDINATOR, "/patients/", "patients"),
        (Role.COORDINATOR, "/patients/register/", "register"),
        (Role.COORDINATOR, "/patients/import/", "import"),
        (Role.COORDINATOR, f"{chart}record/", "record"),
        (Role.COORDINATOR, f"{chart}details/", "details"),
        (Role.PRESCRIBER, f"{chart}assessment/", "assessment"),
    ):
        pages[role].goto(path)
        assert_good_in_every_look(pages[role], picture)
