"""Judging everyone says of each what judging one says, and reads the tables once for many."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories import chart as fhir
from tests.factories.access import a_user
from tests.factories.assessment import adopt_all_rules, an_episode, answer_all
from tests.factories.chart import imported
from tests.factories.people import SYSTEM, a_patient
from tests.factories.sites import THEN, a_site

from openkap.apps.access.roles import Role
from openkap.apps.assessment import operations
from openkap.apps.assessment.judging import judge, scope
from openkap.apps.assessment.judging_many import judge_many
from openkap.apps.chart.operations import record_answer
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import add_to_care_team
from openkap.apps.people.queries import everyone

pytestmark = pytest.mark.django_db
IV = ("trd", "ketamine", "iv")


def a_clinic() -> list[Patient]:
    """One cleared, one with an override, one only imported, one with nothing, one at another site."""
    site = a_site()
    prescriber, director = a_user(Role.PRESCRIBER, site=site), a_user(Role.MEDICAL_DIRECTOR, site=site)
    adopt_all_rules(director, site, THEN - timedelta(days=1))
    cleared, overridden = (
        imported(fhir.bundle(), site).patient,
        imported(fhir.synthea("trey-leffler"), site).patient,
    )
    for patient in (cleared, overridden):
        add_to_care_team(by=SYSTEM, now=THEN, patient=patient, user=prescriber)
        episode = an_episode(patient, prescriber)
    answer_all(cleared)
    record_answer(by=SYSTEM, now=THEN, patient=overridden, concept="abstinent-one-year", reply="absent")
    operations.override_finding(
        by=prescriber,
        now=THEN,
        episode=episode,
        rule_id="default-substance-use-disorder",
        reason="Sober since May.",
    )
    there = a_site("Hill House")
    return [
        cleared,
        overridden,
        imported(fhir.synthea("rudy-macejkovic"), site).patient,
        a_patient(site),
        imported(fhir.synthea("milan-beatty"), there).patient,
    ]


def test_everyone_is_judged_as_if_alone() -> None:
    clinic = a_clinic()
    together = {patient.pk: judged for patient, judged in judge_many(everyone(), IV, THEN)}
    assert set(together) == {patient.pk for patient in clinic}
    for patient in clinic:
        alone = judge(patient, scope(*IV, patient), THEN)
        many = together[patient.pk]
        assert many.verdict == alone.verdict
        assert many.assessment == alone.assessment
        assert many.set_aside == alone.set_aside
        assert many.facts_digest == alone.facts_digest
    assert together[clinic[1].pk].set_aside


def test_as_of_another_day() -> None:
    clinic = a_clinic()
    past = THEN.date() - timedelta(days=3650)
    for patient, judged in judge_many(everyone(), IV, THEN, past):
        assert judged.on == past
        assert judged.assessment == judge(patient, scope(*IV, patient), THEN, past).assessment
    assert clinic


def test_more_charts_do_not_mean_more_queries() -> None:
    site = a_site()
    for name in ("edward-gulgowski", "milan-beatty"):
        imported(fhir.synthea(name), site)
    list(judge_many(everyone(), IV, THEN))
    with CaptureQueriesContext(
        connection,
    ) as two:
        list(judge_many(everyone(), IV, THEN))
    for name in ("trey-leffler", "rudy-macejkovic"):
        imported(fhir.synthea(name), site)
    with CaptureQueriesContext(connection) as four:
        list(judge_many(everyone(), IV, THEN))
    assert len(four) == len(two)
