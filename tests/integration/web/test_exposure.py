"""Trying a dose: the band and what it rests on, refusals at their field, today's weight and dose, one trace."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from tests.factories.access import a_client, a_user
from tests.factories.chart import bundle, imported, order
from tests.factories.chart import patient as a_resource
from tests.factories.dosing import Sitting, a_sitting
from tests.factories.sites import THEN, a_site
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.chart.operations import record_observation
from openkap.apps.dosing.models import Event, Session
from openkap.apps.knowledge_base.operations import sign_off
from openkap.units import parse_quantity
from openkap.web.exposure import answer as predicting

pytestmark = pytest.mark.django_db

INFUSION = {
    "weight_kg": "70", "age_years": "30", "sex": "female", "drug": "ketamine", "route": "iv", "amount": "35",
    "unit": "mg", "duration": "40", "hours": "4",
}  # fmt: skip
SPRAY = INFUSION | {"drug": "esketamine", "route": "in", "amount": "2", "unit": "devices", "duration": ""}


@shared
def cared() -> CaredFor:
    return cared_for()


@shared
def prescriber() -> User:
    return a_user(Role.PRESCRIBER, site=a_site("Harbour Clinic"))


def answer(user: User, asked: dict[str, Any], path: str = "/exposure/", *, status: int = 200) -> str:
    response = a_client(user).post(path, asked)
    assert response.status_code == status, response.content.decode()
    return str(response.content.decode())


def errors(user: User, asked: dict[str, Any], path: str = "/exposure/") -> dict[str, str]:
    """The first fault of each field that has one."""
    response = a_client(user).post(path, asked)
    assert response.status_code == 400
    assert "Predicted, not measured" not in response.content.decode()
    return {name: found[0] for name, found in response.context["form"].errors.items()}


def result(user: User, asked: dict[str, Any], path: str = "/exposure/") -> Any:
    response = a_client(user).post(path, asked)
    assert response.status_code == 200, response.context["form"].errors
    return response.context["result"]


def try_path(cared: CaredFor) -> str:
    return f"/patients/{cared.patient.public_id}/sessions/try/"


# --- the teaching view ------------------------------------------------------------------------------------


def test_it_begins_empty_and_says_so(prescriber: User) -> None:
    html = a_client(prescriber).get("/exposure/").content.decode()
    assert "No prediction yet" in html
    assert '<svg class="timeline"' not in html


def test_an_infusion_shows_its_band_its_numbers_and_what_it_rests_on(prescriber: User) -> None:
    found = result(prescriber, INFUSION)
    (cmax, tmax, _area) = found.measures
    assert cmax.cells[0][0] == "167"  # as `openkap pk simulate` and the validation report have it
    assert tmax.cells[0][0] == "40"
    low, _to, high = cmax.cells[0][1].partition(" to ")
    assert float(low) < 167 < float(high)
    html = answer(prescriber, INFUSION)
    assert 'class="predicted"' in html
    assert 'class="predicted-band"' in html
    assert "measured-point" not in html
    for words in (
        "otto-2021, version 1",
        "read in a restatement",
        "venous plasma",
        "Amounts are free base.",
        "R-ketamine is derived from S-ketamine",
        "Arterial levels at the end of a short infusion",
    ):
        assert words in html


def test_a_level_brings_the_time_above_and_an_offset_that_never_counts(prescriber: User) -> None:
    found = result(prescriber, INFUSION | {"level": "60"})
    assert [m.name for m in found.measures][3:] == [
        "Time above 60 ng/mL",
        "Below 60 ng/mL for good (predicted offset)",
    ]
    html = answer(prescriber, INFUSION | {"level": "60"})
    assert "A predicted level or offset never counts toward discharge" in html


def test_who_is_still_above_at_the_end_has_no_offset(prescriber: User) -> None:
    found = result(prescriber, INFUSION | {"level": "5"})
    assert found.measures[-1].cells[0] == ("after 240", "after 240 to after 240")


def test_a_booster_raises_the_level_from_its_minute_on(prescriber: User) -> None:
    plain = result(prescriber, INFUSION)
    more = result(
        prescriber, INFUSION | {"booster_1_amount": "10", "booster_1_at": "60", "booster_1_over": "10"}
    )
    rows = list(zip(plain.rows, more.rows, strict=True))
    assert [a.minute for a, _ in rows] == [b.minute for _, b in rows]
    assert all(a.cells == b.cells for a, b in rows if float(a.minute) <= 60)
    assert all(float(b.cells[0][0]) > float(a.cells[0][0]) for a, b in rows if float(a.minute) > 60)
    assert more.about[0].regimen.endswith("35 mg over 40 min; 10 mg over 10 min at minute 60")


def test_an_amount_per_kilogram_counts_the_weight(prescriber: User) -> None:
    per_kg = result(prescriber, INFUSION | {"amount": "0.5", "unit": "mg/kg"})
    assert per_kg.measures == result(prescriber, INFUSION).measures


def test_the_spray_is_counted_in_devices_by_the_model_that_has_them(prescriber: User) -> None:
    found = result(prescriber, SPRAY)
    assert found.about[0].model_id == "perez-ruixo-2021"
    assert found.about[0].regimen == "Esketamine nasal spray: 56 mg"
    assert float(found.measures[0].cells[0][0]) == pytest.approx(72.6, rel=0.01)


def test_a_route_nobody_fitted_has_a_band_and_no_line(prescriber: User) -> None:
    html = answer(prescriber, INFUSION | {"route": "im", "duration": ""})
    found = result(prescriber, INFUSION | {"route": "im", "duration": ""})
    drawing = found.figures[0].svg
    assert 'class="predicted-band"' in drawing
    assert 'class="predicted"' not in drawing
    assert "a wide band from an assumed range, and no line" in html
    assert "No fitted model of ketamine by muscle in adults exists" in html
    assert all(cell == ("", cell[1]) for measure in found.measures for cell in measure.cells)


def test_outside_the_people_of_the_model_it_says_extrapolated(prescriber: User) -> None:
    html = answer(prescriber, INFUSION | {"age_years": "71"})
    assert "Age 71 is outside 18 to 33.8." in html
    assert "Extrapolated" in html


def test_a_model_without_variances_borrows_and_says_from_whom(prescriber: User) -> None:
    html = answer(prescriber, INFUSION | {"model": "kamp-2020"})
    assert "Between-subject variances are borrowed from otto-2021." in html
    assert "arterial plasma" in html


# --- effects ----------------------------------------------------------------------------------------------


def test_blood_pressure_is_for_venous_racemic_ketamine(prescriber: User) -> None:
    found = result(prescriber, INFUSION)
    assert [effect.name for effect in found.effects] == [
        "Rise of systolic pressure",
        "Rise of diastolic pressure",
    ]
    assert "For a group, not for a person" in found.effects[0].note


def test_dissociation_is_for_arterial_s_ketamine(prescriber: User) -> None:
    film = INFUSION | {"drug": "esketamine", "route": "sl", "amount": "50", "duration": ""}
    (effect,) = result(prescriber, film).effects
    assert effect.name == "Dissociation, share of the largest effect"
    assert 'class="predicted"' not in effect.figure.svg


def test_other_sites_and_assumed_routes_have_no_effects(prescriber: User) -> None:
    assert result(prescriber, SPRAY).effects == ()
    html = answer(prescriber, INFUSION | {"route": "sc"})
    assert "dissociation needs arterial S-ketamine" in html


# --- two regimens -----------------------------------------------------------------------------------------

SECOND = {
    "compare": "on", "other_drug": "esketamine", "other_route": "in", "other_amount": "2",
    "other_unit": "devices",
}  # fmt: skip


def test_two_regimens_stand_side_by_side_and_are_no_conversion(prescriber: User) -> None:
    found = result(prescriber, INFUSION | SECOND)
    assert len(found.figures) == 2
    assert len(found.measures[0].cells) == 2
    assert {about.shown for about in found.about} == {"S-ketamine in venous plasma"}
    html = answer(prescriber, INFUSION | SECOND)
    assert "It is not a dose conversion and must not be used as one." in html


def test_arterial_and_venous_are_not_compared(prescriber: User) -> None:
    film = {"other_route": "sl", "other_amount": "50", "other_unit": "mg"}
    found = errors(prescriber, INFUSION | SECOND | film)
    assert "levels of different sites are not compared" in found["other_model"]


def test_a_spanish_reader_is_answered_and_refused_in_spanish(prescriber: User) -> None:
    User.objects.filter(pk=prescriber.pk).update(language="es")
    reader = User.objects.get(pk=prescriber.pk)
    second = {"booster_1_amount": "10", "booster_1_at": "20", "booster_1_over": "5"}
    overlap = errors(reader, INFUSION | second)["booster_1_at"]
    assert overlap == "Dosis 2: se solapa con la dosis 1, que dura hasta el minuto 40."
    film = {"other_route": "sl", "other_amount": "50", "other_unit": "mg"}
    sites = errors(reader, INFUSION | SECOND | film)["other_model"]
    assert "plasma venoso" in sites
    assert "venous" not in sites  # the codes of the engine are English
    offered = errors(reader, INFUSION | {"analyte": "S-hydroxynorketamine"})["analyte"]
    assert "S-norketamina" in offered
    (about,) = result(reader, INFUSION | {"age_years": "", "weight_kg": "150", "route": "im"}).about
    said = [*about.range_reasons, *about.assumptions, *about.warnings, *about.unknown]
    assert any(words.startswith("Edad: no se conoce") for words in said)
    assert not [words for words in said if {"the", "of", "is", "are"} & set(words.lower().split())]


def test_a_second_regimen_must_be_whole(prescriber: User) -> None:
    assert errors(prescriber, INFUSION | SECOND | {"other_amount": ""}) == {"other_amount": "Enter the amount."}


# --- medicines --------------------------------------------------------------------------------------------


def test_an_inducer_lowers_the_level_and_is_named(prescriber: User) -> None:
    swallowed = INFUSION | {"route": "po", "duration": "", "model": "perez-ruixo-2021", "hours": "24"}
    plain, with_it = result(prescriber, swallowed), result(prescriber, swallowed | {"taken": ["rifampicin"]})
    ratio = float(with_it.measures[2].cells[0][0]) / float(plain.measures[2].cells[0][0])
    assert ratio == pytest.approx(0.14, rel=0.1)
    (words,) = with_it.about[0].taken
    assert "rifampicin-oral-and-vein, version 1" in words
    assert with_it.about[0].model_id == "perez-ruixo-2021"


def test_a_route_without_a_figure_stays_unknown(prescriber: User) -> None:
    found = result(prescriber, INFUSION | {"taken": ["clarithromycin"]})
    assert found.measures == result(prescriber, INFUSION).measures
    assert "its effect by this route is not known" in found.about[0].taken[0]


def test_a_figure_from_memory_acts_after_sign_off_only(prescriber: User) -> None:
    site = prescriber.memberships.get().site
    asked = SPRAY | {"taken": ["rifampicin"]}
    assert "not known" in result(prescriber, asked).about[0].taken[0]
    director = a_user(Role.MEDICAL_DIRECTOR, site=site)
    sign_off(by=director, now=timezone.now(), record_id="rifampicin-nasal", version=1, site=site, adopted=True)
    assert "is applied (rifampicin-nasal" in result(prescriber, asked).about[0].taken[0]


# --- what cannot be meant ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("changed", "field", "words"), [
    ({"weight_kg": ""}, "weight_kg", "required"),
    ({"weight_kg": "-3"}, "weight_kg", "more than zero"),
    ({"weight_kg": "NaN"}, "weight_kg", "number"),
    ({"age_years": "0"}, "age_years", "more than zero"),
    ({"amount": ""}, "amount", "Enter the amount."),
    ({"amount": "0"}, "amount", "more than zero"),
    ({"amount": "1e400"}, "amount", "digits"),
    ({"amount": "seventy"}, "amount", "number"),
    ({"duration": ""}, "duration", "0 for at once"),
    ({"duration": "-5"}, "duration", "greater than or equal"),
    ({"route": "rectal"}, "route", "valid choice"),
    ({"drug": "heroin"}, "drug", "valid choice"),
    ({"unit": "devices"}, "unit", "nasal spray only"),
    ({"route": "in", "unit": "devices"}, "drug", "racemic spray is refused"),
    ({"model": "simons-2022", "route": "po"}, "model", "does not have this drug by this route"),
    ({"model": "gepts-1981"}, "model", "valid choice"),
    ({"analyte": "S-hydroxynorketamine"}, "analyte", "Not predicted here"),
    ({"booster_1_amount": "10"}, "booster_1_at", "Enter the minute."),
    ({"booster_1_at": "10"}, "booster_1_amount", "Enter the amount."),
    ({"booster_1_amount": "10", "booster_1_at": "20", "booster_1_over": "5"}, "booster_1_at", "overlaps"),
    ({"booster_2_amount": "-1", "booster_2_at": "60"}, "booster_2_amount", "more than zero"),
    ({"taken": ["liquorice"]}, "taken", "valid choice"),
    ({"hours": "9000"}, "hours", "valid choice"),
    ({"level": "-1"}, "level", "more than zero"),
])  # fmt: skip
def test_what_cannot_be_meant_is_said_at_its_field(
    prescriber: User, changed: dict[str, Any], field: str, words: str
) -> None:
    found = errors(prescriber, INFUSION | changed)
    assert words in found[field]


@pytest.mark.parametrize(("changed", "field"), [
    ({"amount": "1.5"}, "amount"),
    ({"duration": "10"}, "duration"),
    ({"unit": "mg"}, "unit"),
])  # fmt: skip
def test_the_spray_takes_whole_devices_at_once(prescriber: User, changed: dict[str, Any], field: str) -> None:
    assert field in errors(prescriber, SPRAY | changed)


def takes(cared: CaredFor, *medicines: str) -> None:
    """The chart says that the patient takes these."""
    orders = [
        order(f"m{number}", medicationCodeableConcept={"text": name}) for number, name in enumerate(medicines)
    ]
    who = a_resource(name=[{"use": "official", "family": cared.patient.family_name, "given": ["Rowan"]}])
    imported(bundle(*orders, who=who), cared.site, into=cared.patient)


# --- a patient --------------------------------------------------------------------------------------------


def at_noon(sitting: Sitting, minute: float) -> Any:
    return time_machine.travel(sitting.at(minute), tick=False)


def test_a_patients_age_and_sex_are_the_records_and_the_weight_is_asked_for(cared: CaredFor) -> None:
    with time_machine.travel(THEN, tick=False):
        page = a_client(cared.prescriber).get(try_path(cared))
        html = page.content.decode()
        assert "Not measured today" in html
        assert "age_years" not in page.context["form"].fields
        assert "from_session" not in page.context["form"].fields
        assert page.context["asked"].age == 42
        assert "weight_kg" in errors(cared.prescriber, INFUSION | {"weight_kg": ""}, try_path(cared))
        assert result(cared.prescriber, INFUSION, try_path(cared)).about[0].in_range is False  # 42 years


def test_todays_measured_weight_stands_there(cared: CaredFor) -> None:
    with time_machine.travel(THEN, tick=False):
        weight = parse_quantity("81.4 kg")
        record_observation(by=cared.monitor, now=THEN, patient=cared.patient, entry="body-weight", value=weight)
        page = a_client(cared.prescriber).get(try_path(cared))
    assert 'value="81.4"' in page.content.decode()
    assert "Measured today." in page.content.decode()


def test_yesterdays_weight_does_not(cared: CaredFor) -> None:
    with time_machine.travel(THEN, tick=False):
        weight = parse_quantity("81.4 kg")
        record_observation(by=cared.monitor, now=THEN, patient=cared.patient, entry="body-weight", value=weight)
    with time_machine.travel(THEN + timedelta(days=1), tick=False):
        page = a_client(cared.prescriber).get(try_path(cared))
    assert 'value="81.4"' not in page.content.decode()


def test_what_was_given_today_can_be_the_start_of_a_booster(cared: CaredFor) -> None:
    sitting = a_sitting(cared).until_dose()
    asked = {"weight_kg": "70", "from_session": "on", "drug": "ketamine", "route": "iv", "unit": "mg",
             "hours": "4", "booster_1_amount": "10", "booster_1_at": "60", "booster_1_over": "0"}  # fmt: skip
    with at_noon(sitting, 20):
        page = a_client(cared.prescriber).get(try_path(cared))
        assert "35 mg over 40 min" in page.content.decode()
        assert 'value="70' in page.content.decode()
        found = result(cared.prescriber, asked, try_path(cared))
        clash = errors(cared.prescriber, asked | {"booster_1_at": "30", "booster_1_over": "5"}, try_path(cared))
    assert found.about[0].regimen.endswith("35 mg over 40 min; 10 mg at minute 60")
    assert "overlaps" in clash["booster_1_at"]


def test_the_console_leads_to_a_booster_after_what_was_given(cared: CaredFor) -> None:
    sitting = a_sitting(cared).until_dose()
    with at_noon(sitting, 20):
        client = a_client(cared.prescriber)
        link = f"{try_path(cared)}?start=session"
        assert link in client.get(f"/dosing/{sitting.session.public_id}/").content.decode()
        page = client.get(link)
        assert page.context["form"]["from_session"].value() is True
        asked = INFUSION | {"from_session": "on"}
        assert "Leave this empty" in errors(cared.prescriber, asked, try_path(cared))["amount"]


def test_yesterdays_session_is_no_start(cared: CaredFor) -> None:
    sitting = a_sitting(cared).until_over()
    with at_noon(sitting, 24 * 60):
        page = a_client(cared.prescriber).get(try_path(cared))
    assert "from_session" not in page.context["form"].fields


def test_medicines_of_the_chart_are_ticked_and_those_without_a_figure_are_named(cared: CaredFor) -> None:
    with time_machine.travel(THEN, tick=False):
        takes(cared, "Rifampicin 300 MG Oral Capsule", "Carbamazepine 200 MG Oral Tablet")
        page = a_client(cared.prescriber).get(try_path(cared))
        assert page.context["form"]["taken"].value() == ["rifampicin"]
        assert "Carbamazepine 200 MG Oral Tablet" in page.content.decode()
        found = result(cared.prescriber, INFUSION | {"taken": ["rifampicin"]}, try_path(cared))
    applied, unknown = found.about[0].taken
    assert "is applied" in applied
    assert unknown.startswith("Carbamazepine")
    assert "not known" in unknown


def test_nothing_is_written_but_that_the_chart_was_read(cared: CaredFor) -> None:
    with time_machine.travel(THEN, tick=False):
        client = a_client(cared.prescriber)
        before = set(Row.objects.values_list("pk", flat=True))
        client.post(try_path(cared), INFUSION)
    row = Row.objects.exclude(pk__in=before).get()
    assert (row.action, row.patient_id, row.details) == (
        "dosing.read",
        cared.patient.public_id,
        {"page": "try"},
    )
    assert not Session.objects.exists()
    assert not Event.objects.exists()


def test_the_teaching_view_writes_nothing_at_all(prescriber: User) -> None:
    client = a_client(prescriber)
    before = Row.objects.count()
    client.post("/exposure/", INFUSION)
    assert Row.objects.count() == before


# --- who, and how fast ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.PRESCRIBER, Role.MONITOR, Role.MEDICAL_DIRECTOR, Role.THERAPIST])
def test_those_who_see_sessions_may_try(role: Role) -> None:
    answer(a_user(role, site=a_site(f"House of {role.value}")), INFUSION)


@pytest.mark.parametrize("role", [
    Role.COORDINATOR, Role.PROGRAMME_DIRECTOR, Role.RESEARCHER, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR,
    Role.PATIENT,
])  # fmt: skip
def test_others_may_not(role: Role) -> None:
    user = a_user(role, site=a_site(f"House of {role.value}"))
    assert a_client(user).get("/exposure/").status_code == 403
    assert a_client(user).post("/exposure/", INFUSION).status_code == 403
    assert "/exposure/" not in a_client(user).get("/settings/").content.decode()


def test_a_patient_of_somebody_else_is_not_found(cared: CaredFor) -> None:
    stranger = a_user(Role.PRESCRIBER, site=cared.site)
    assert a_client(stranger).get(try_path(cared)).status_code == 404
    assert a_client(stranger).post(try_path(cared), INFUSION).status_code == 404


def test_a_second_answer_is_not_worked_out_again(prescriber: User) -> None:
    client, predicted = a_client(prescriber), predicting._predicted
    predicted.cache_clear()
    client.post("/exposure/", INFUSION)
    worked_out = predicted.cache_info().misses
    assert worked_out > 0
    client.post("/exposure/", INFUSION)
    assert predicted.cache_info().misses == worked_out


def test_spanish_says_it_in_spanish(prescriber: User) -> None:
    client = a_client(prescriber)
    client.post("/settings/", {"language": "es"})
    html = client.post("/exposure/", INFUSION).content.decode()
    assert "Previsto, no medido" in html
    assert "plasma venoso" in html
    assert "por vena" in html
