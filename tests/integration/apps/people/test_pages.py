"""The list of patients, registering, details and care team as people use them."""

import pytest
from django.test import Client
from tests.factories.access import a_client, a_user
from tests.factories.people import SYSTEM, a_patient
from tests.factories.sites import THEN, a_site
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.operations import end_role
from openkap.apps.access.roles import CARING, Role
from openkap.apps.audit.models import Row
from openkap.apps.people.listing import ListRequest, list_patients
from openkap.apps.people.models import CareTeamMember, Patient
from openkap.apps.people.operations import note_stage
from openkap.apps.people.stages import Stage
from openkap.apps.sites.models import Site

pytestmark = pytest.mark.django_db
FORM = {"family_name": "O'Brien", "given_name": "Ada", "birth_date": "1980-02-03", "sex": "female"}


@shared
def site() -> Site:
    return a_site()


@pytest.fixture
def coordinator(site: Site) -> User:
    return a_user(Role.COORDINATOR, site=site)


@pytest.fixture
def browser(coordinator: User) -> Client:
    return a_client(coordinator)


def names(viewer: User, **asked: str) -> list[str]:
    return [patient.family_name for patient in list_patients(viewer, ListRequest.read(asked))]


def test_finds_by_name_number_and_birth_date(site: Site, coordinator: User) -> None:
    patient = a_patient(site, family_name="O'Connell", given_name="Zoë")
    a_patient(site, family_name="Żak", given_name="Jan")
    for asked in (
        "connell",
        "o'conn zo",
        "OCONNELL",
        "1984-03-12 zoe",
        patient.record_number,
        patient.record_number[3:].lstrip("0"),
    ):
        assert "O'Connell" in names(coordinator, q=asked), asked
    assert names(coordinator, q="zak") == ["Żak"]
    assert names(coordinator, q="nobody") == []


def test_what_is_typed_is_never_a_command(coordinator: User) -> None:
    for asked in ("' OR 1=1 --", "a & | !", "\\", "%", "\x00", "':*", "a" * 5000, "\ud800"):
        assert names(coordinator, q=asked) == []


def test_filters_and_orders(site: Site, coordinator: User) -> None:
    for family, stage, indication in (("Ash", Stage.TREATMENT, "trd"), ("Birch", Stage.ASSESSMENT, "gad")):
        patient = a_patient(site, family_name=family)
        note_stage(by=SYSTEM, now=THEN, patient=patient, stage=stage, indication=indication)
    assert names(coordinator, stage="treatment") == ["Ash"]
    assert names(coordinator, indication="gad") == ["Birch"]
    assert names(coordinator, sort="number") == ["Ash", "Birch"]
    assert names(coordinator, sort="newest; drop table", stage="?", indication="?") == ["Ash", "Birch"]
    assert names(coordinator, team="mine") == []


def test_each_sees_their_own(site: Site, coordinator: User) -> None:
    therapist = a_user(Role.THERAPIST, site=site)
    a_patient(site, therapist, family_name="Mine")
    a_patient(site, family_name="Other")
    a_patient(a_site("Hill"), family_name="Elsewhere")
    assert names(therapist) == ["Mine"]
    assert names(coordinator) == ["Mine", "Other"]
    assert names(therapist, q="other") == []


def test_the_list_has_pages(site: Site, browser: Client) -> None:
    for number in range(51):
        a_patient(site, family_name=f"Name{number:02}")
    first = browser.get("/patients/?q=name").content.decode()
    assert "51 patients" in first
    assert "Name49" in first
    assert "Name50" not in first
    assert "Name50" in browser.get("/patients/?q=name&page=2").content.decode()
    assert browser.get("/patients/?page=nonsense").status_code == 200
    assert browser.get("/patients/?page=999").status_code == 200


def test_an_empty_list_says_what_to_do(browser: Client) -> None:
    page = browser.get("/patients/").content.decode()
    assert "No patients yet" in page
    assert "/patients/register/" in page
    assert "Nobody found" in browser.get("/patients/?q=x").content.decode()


def test_registers(site: Site, browser: Client) -> None:
    sent = browser.post("/patients/register/", FORM | {"site": str(site.public_id)})
    patient = Patient.objects.get()
    assert sent.status_code == 302
    assert sent.headers["Location"] == f"/patients/{patient.public_id}/details/"
    assert patient.family_name == "O'Brien"


def test_asks_whether_it_is_the_same_person(site: Site, browser: Client) -> None:
    whole = FORM | {"site": str(site.public_id)}
    browser.post("/patients/register/", whole)
    asked = browser.post("/patients/register/", whole)
    assert asked.status_code == 400
    assert "already a patient of this name" in asked.content.decode()
    assert 'name="is_another_person"' in asked.content.decode()
    assert browser.post("/patients/register/", whole | {"is_another_person": "on"}).status_code == 302
    assert Patient.objects.count() == 2


@pytest.mark.parametrize(
    "said",
    [
        {"family_name": ""},
        {"birth_date": "yesterday"},
        {"birth_date": "2100-01-01"},
        {"sex": "x"},
        {"site": "nowhere"},
        {"email": "x"},
        {"contact_name": "Sam"},
    ],
)
def test_bad_input_saves_nothing(site: Site, browser: Client, said: dict[str, str]) -> None:
    refused = browser.post("/patients/register/", FORM | {"site": str(site.public_id)} | said)
    assert refused.status_code == 400
    assert "Nothing was saved yet" in refused.content.decode()
    assert not Patient.objects.exists()


def test_a_site_that_is_not_mine_is_refused(browser: Client) -> None:
    other = a_site("Hill")
    assert browser.post("/patients/register/", FORM | {"site": str(other.public_id)}).status_code == 400


def test_changes_details_and_shows_the_former(site: Site, browser: Client) -> None:
    patient = a_patient(site, family_name="Before")
    page = f"/patients/{patient.public_id}/details/"
    assert browser.post(page, FORM).status_code == 302
    shown = browser.get(page).content.decode()
    assert "O&#x27;Brien" in shown
    assert "Before" in shown
    assert browser.post(page, FORM | {"birth_date": "x"}).status_code == 400


def test_reading_is_noted_once(site: Site, browser: Client) -> None:
    patient = a_patient(site)
    browser.get(f"/patients/{patient.public_id}/details/")
    assert Row.objects.filter(action="people.read", patient_id=patient.public_id).count() == 1


def test_manages_the_team(site: Site, browser: Client) -> None:
    patient, therapist = a_patient(site), a_user(Role.THERAPIST, site=site, name="Thea Rapist")
    page = f"/patients/{patient.public_id}/details/"
    sent = {"member": f"{therapist.public_id} therapist"}
    assert browser.post(f"{page}team/", sent).status_code == 302
    assert "Thea Rapist" in browser.get(page).content.decode()
    for wrong in (
        f"{therapist.public_id} prescriber",
        f"{a_site().public_id} therapist",
        "nobody",
        "",
        "a b c",
    ):
        assert browser.post(f"{page}team/", {"member": wrong}).status_code == 400
    member = CareTeamMember.objects.get()
    assert browser.post(f"{page}team/{member.public_id}/end/").status_code == 302
    assert browser.post(f"{page}team/{member.public_id}/end/").status_code == 302
    assert CareTeamMember.objects.get().ended_at is not None


def test_the_team_is_offered_who_cares_here_and_in_roles_they_hold(site: Site, browser: Client) -> None:
    both = a_user(Role.MONITOR, Role.THERAPIST, site=site, name="Bo Thrang")
    gone = a_user(Role.THERAPIST, site=site, name="Gwen Onagain")
    end_role(by=SYSTEM, now=THEN, membership=gone.memberships.get())
    a_user(Role.THERAPIST, name="Else Where")
    for role in set(Role) - set(CARING):
        a_user(role, site=site, name=f"Not {role.value}")
    page = browser.get(f"/patients/{a_patient(site).public_id}/details/")
    offered = [(value, str(words)) for value, words in page.context["team_form"].fields["member"].choices]
    assert offered[:2] == [
        (f"{both.public_id} monitor", "Bo Thrang, Session monitor"),
        (f"{both.public_id} therapist", "Bo Thrang, Therapist"),
    ]
    assert [words.rpartition(", ")[2] for _value, words in offered[2:]] == ["Coordinator"]


def test_a_therapist_reads_details_but_changes_none(site: Site) -> None:
    therapist = a_user(Role.THERAPIST, site=site)
    patient = a_patient(site, therapist, family_name="Kept")
    page = f"/patients/{patient.public_id}/details/"
    browser = a_client(therapist)
    shown = browser.get(page)
    assert shown.status_code == 200
    assert b"<input" not in shown.content.split(b'id="who-title"')[1].split(b"</section>")[0]
    assert browser.post(page, FORM).status_code == 403
    patient.refresh_from_db()
    assert patient.family_name == "Kept"
