"""Values and answers entered by hand, and the facts they become."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from tests.factories import chart as fhir
from tests.factories.access import a_user
from tests.factories.chart import imported
from tests.factories.people import SYSTEM, a_patient
from tests.factories.sites import THEN, a_site

from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.chart import operations, queries
from openkap.apps.chart.models import Answer, ChartFact, Observation
from openkap.apps.people.models import Patient
from openkap.core.assessment import Fact, FactKind, FactStatus
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused
from openkap.fhir.bundle import read_bundle
from openkap.fhir.facts import facts_of
from openkap.units import Quantity

pytestmark = pytest.mark.django_db
TODAY = THEN.date()  # 1:00 in Los Angeles, so the same local date


def weigh(patient: Patient, kilograms: str, at: datetime = THEN, now: datetime | None = None) -> Observation:
    return operations.record_observation(
        by=SYSTEM,
        now=now or at,
        patient=patient,
        entry="body-weight",
        value=Quantity.of(kilograms, "kg"),
        measured_at=at,
    )


def test_a_measured_weight_is_todays_weight() -> None:
    patient = a_patient()
    weigh(patient, "70.2", THEN - timedelta(minutes=5))
    weigh(patient, "70.4")
    assert queries.weight_today(patient, TODAY) == Quantity.of("70.4", "kg")
    assert queries.weight_today(patient, TODAY + timedelta(days=1)) is None
    assert queries.weight_today(patient, TODAY - timedelta(days=1)) is None


def test_pounds_are_kept_in_kilograms() -> None:
    row = operations.record_observation(
        by=SYSTEM, now=THEN, patient=a_patient(), entry="body-weight", value=Quantity.of("154.5", "[lb_av]")
    )
    row.refresh_from_db()
    assert row.unit_code == "kg"
    assert row.value is not None
    assert abs(row.value - Decimal("70.0800")) < Decimal("0.001")


def test_today_is_the_day_at_the_site() -> None:
    patient = a_patient()
    late = THEN.replace(day=2, hour=6)  # 23:00 on the first in Los Angeles
    weigh(patient, "70", late)
    assert queries.weight_today(patient, date(2026, 9, 1)) == Quantity.of("70", "kg")
    assert queries.weight_today(patient, date(2026, 9, 2)) is None


def test_no_weight_from_elsewhere_sets_a_dose() -> None:
    today = {"effectiveDateTime": THEN.isoformat()}
    patient = imported(fhir.bundle(fhir.weight(**today))).patient
    operations.record_observations(
        by=SYSTEM,
        now=THEN,
        patient=patient,
        values={"body-weight": Quantity.of("70", "kg")},
        provenance=ChartFact.Provenance.ENTERED,
    )
    assert queries.observations_of(patient, "29463-7").count() == 2
    assert queries.weight_today(patient, TODAY) is None


def test_both_pressures_are_one_reading() -> None:
    patient = a_patient()
    values = {
        "blood-pressure-systolic": Quantity.of("128", "mm[Hg]"),
        "blood-pressure-diastolic": Quantity.of("81", "mm[Hg]"),
    }
    upper, lower = operations.record_observations(by=SYSTEM, now=THEN, patient=patient, values=values)
    assert (upper.code, lower.code) == ("8480-6", "8462-4")
    assert upper.panel_id == lower.panel_id != ""
    assert Row.objects.get(action="chart.observe").details["entries"] == sorted(values)
    operations.withdraw_observation(by=SYSTEM, now=THEN, observation=upper)
    assert not queries.observations_of(patient).exists()
    assert Observation.objects.count() == 4


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"body-weight": ("700", "kg")}, "body-weight"),
        ({"body-weight": ("0", "kg")}, "body-weight"),
        ({"body-weight": ("70", "cm")}, None),
        ({"shoe-size": ("43", "1")}, None),
        ({"blood-pressure-systolic": ("120", "mm[Hg]")}, "blood-pressure-diastolic"),
        (
            {"blood-pressure-systolic": ("80", "mm[Hg]"), "blood-pressure-diastolic": ("120", "mm[Hg]")},
            "blood-pressure-diastolic",
        ),
    ],
)
def test_slips_are_refused(values: dict[str, tuple[str, str]], field: str | None) -> None:
    patient = a_patient()
    with pytest.raises(BadInput) as refused:
        operations.record_observations(
            by=SYSTEM,
            now=THEN,
            patient=patient,
            values={name: Quantity.of(*value) for name, value in values.items()},
        )
    assert refused.value.field == field
    assert not Observation.objects.exists()


def test_nothing_is_measured_ahead_of_time() -> None:
    with pytest.raises(BadInput, match="lies ahead"):
        weigh(a_patient(), "70", THEN + timedelta(minutes=1), now=THEN)


def test_a_value_is_withdrawn_once() -> None:
    patient = a_patient()
    row = weigh(patient, "70")
    operations.withdraw_observation(by=SYSTEM, now=THEN, observation=row)
    assert queries.weight_today(patient, TODAY) is None
    with pytest.raises(NotAllowedNow):
        operations.withdraw_observation(by=SYSTEM, now=THEN, observation=row)
    with pytest.raises(NotFound):
        queries.observation_of(patient, row.public_id)


def test_who_may_only_read_enters_nothing() -> None:
    site = a_site()
    therapist = a_user(Role.THERAPIST, site=site)
    patient = a_patient(site, therapist)
    with pytest.raises(Refused):
        operations.record_observation(
            by=therapist, now=THEN, patient=patient, entry="body-weight", value=Quantity.of("70", "kg")
        )
    with pytest.raises(Refused):
        operations.record_answer(by=therapist, now=THEN, patient=patient, concept="stroke", reply="absent")


def test_the_latest_answer_counts() -> None:
    patient = a_patient()
    first = operations.record_answer(
        by=SYSTEM, now=THEN, patient=patient, concept="stroke", reply=Answer.Reply.UNKNOWN
    )
    second = operations.record_answer(
        by=SYSTEM, now=THEN, patient=patient, concept="stroke", reply="absent", note=" no signs "
    )
    assert (second.supersedes, second.note, second.asked_on) == (first, "no signs", TODAY)
    assert queries.answers_of(patient) == {"stroke": second}
    facts = [fact for fact in queries.facts_for(patient, TODAY) if fact.kind is FactKind.ANSWER]
    assert [(fact.concept, fact.status, fact.recorded) for fact in facts] == [
        ("stroke", FactStatus.ABSENT, TODAY)
    ]
    yesterday = queries.facts_for(patient, TODAY - timedelta(days=1))
    assert not [fact for fact in yesterday if fact.kind is FactKind.ANSWER]


@pytest.mark.parametrize(
    ("reply", "asked_on"), [("maybe", None), ("absent", date(2026, 9, 2)), ("absent", date(1970, 1, 1))]
)
def test_an_answer_that_cannot_be_right_is_refused(reply: str, asked_on: date | None) -> None:
    with pytest.raises(BadInput):
        operations.record_answer(
            by=SYSTEM, now=THEN, patient=a_patient(), concept="stroke", reply=reply, asked_on=asked_on
        )
    assert not Answer.objects.exists()


def _rounded(value: Quantity | None) -> Quantity | None:
    return value and Quantity(round(value.magnitude, 9), value.unit)


@pytest.mark.parametrize("name", fhir.NAMES)
def test_a_chart_says_the_same_from_the_file_and_from_the_database(name: str) -> None:
    patient = imported(fhir.synthea(name)).patient

    def said(facts: Iterable[Fact]) -> list[str]:
        return sorted(str(replace(fact, source_ref="", value=_rounded(fact.value))) for fact in facts)

    assert said(queries.facts_for(patient, TODAY)) == said(facts_of(read_bundle(fhir.synthea(name)), TODAY))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("72.48936083223882", "72.49"),
        ("70.2", "70.2"),
        ("128", "128"),
        ("0.1401468841073008", "0.1401"),
        ("0.00042", "0.00042"),
        ("12345.678", "12346"),
        ("120000", "120000"),
        ("0", "0"),
        ("-2.50", "-2.5"),
    ],
)
def test_numbers_are_shown_plainly(value: str, shown: str) -> None:
    assert queries.shown(Decimal(value)) == shown


def test_the_newest_of_each_kind() -> None:
    patient = imported(
        fhir.bundle(fhir.weight("w1"), fhir.weight("w2", 71, effectiveDateTime="2026-08-30"))
    ).patient
    assert [row.value for row in queries.latest_observations(patient)] == [71]
    assert [row.value for row in queries.observations_of(patient)] == [71, Decimal("70.2")]
