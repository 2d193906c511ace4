"""Whole patients, judged by thought first: the verdict and every finding that does more than inform."""

import re
from collections import Counter

import pytest
from tests.factories.patients import KNOWN, TODAY, WorkedPatient, worked_patients

from openkap.core.assessment import FactKind, FindingAction, Verdict, assess
from openkap.knowledge.schema.rule import Action

PATIENTS = worked_patients()
SAID = {
    "id", "who", "age", "sex", "for", "jurisdiction", "adopted", "conditions", "procedures", "medicines",
    "allergies", "pressure", "pressure-on", "phq-9", "values", "values-on", "answers", "answers-on",
    "not-asked", "interview", "lacking", "any-findings", "expect", "findings", "why",
}  # fmt: skip
ILLNESS = {
    "trd": "depress", "mdd": "depress|bipolar", "mdd-si": "depress", "gad": "generalized anxiety",
    "panic": "panic", "agoraphobia": "agoraphobia", "sad": "social (anxiety|phobia)", "ptsd": "posttraumatic",
}  # fmt: skip
ANXIETY = {"gad", "panic", "agoraphobia", "sad"}


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient.said["id"])
def test_a_worked_patient_is_judged_as_written(patient: WorkedPatient) -> None:
    result = assess(patient.facts(), patient.known, patient.scope, TODAY)
    found = {
        finding.rule_id: finding.action.value
        for finding in result.findings
        if finding.action is not FindingAction.INFORM
    }
    if not patient.said.get("any-findings"):
        assert found == patient.said["findings"]
    assert result.verdict == patient.said["expect"], patient.said["why"]


def test_there_are_enough_of_every_kind() -> None:
    assert len(PATIENTS) >= 150
    assert len({patient.said["id"] for patient in PATIENTS}) == len(PATIENTS)
    verdicts = Counter(patient.said["expect"] for patient in PATIENTS)
    assert verdicts["clear"] >= 30
    assert verdicts["blocked"] >= 30
    assert sum(patient.scope.indication in ANXIETY for patient in PATIENTS) >= 40
    assert all(patient.said["who"] and patient.said["why"] for patient in PATIENTS)


def test_nothing_of_a_patient_is_written_where_nobody_reads_it() -> None:
    """A slip of punctuation makes a key of half a sentence, and what it says is lost."""
    lost = {patient.said["id"]: set(patient.said) - SAID for patient in PATIENTS}
    assert {patient: keys for patient, keys in lost.items() if keys} == {}


def test_each_has_the_illness_they_are_considered_for() -> None:
    """Whole people: nobody comes for a treatment without what it treats, but those of whom nothing is known."""
    for patient in PATIENTS:
        said = " ".join(fact.text for fact in patient.facts() if fact.kind is FactKind.CONDITION)
        said += " ".join(patient.said.get("answers", {}))
        if patient.said.get("interview") != "none":
            assert re.search(ILLNESS[patient.scope.indication], said, re.IGNORECASE), patient.said["id"]


def test_every_rule_that_does_more_than_inform_is_met_by_a_whole_patient() -> None:
    found = [item for patient in PATIENTS for item in patient.said.get("findings", {}).items()]
    met = {rule for rule, does in found if does != "needs"}
    acting = {rule.id for rule in KNOWN["nothing"].rules.values() if rule.action is not Action.INFORM}
    assert acting - met == set()


def test_they_cover_drugs_routes_and_indications() -> None:
    scopes = {(patient.scope.drug.value, patient.scope.route.value) for patient in PATIENTS}
    assert {route for drug, route in scopes if drug == "ketamine"} == {
        "iv", "im", "sc", "sl", "buccal", "po", "in",
    }  # fmt: skip
    assert {("esketamine", "in"), ("esketamine", "iv")} <= scopes
    assert {patient.scope.indication for patient in PATIENTS} >= {*ANXIETY, "trd", "mdd", "mdd-si", "ptsd"}


def test_whoever_is_clear_is_not_before_the_director_has_decided() -> None:
    """Without a single sign-off nobody passes: what restricts and is undecided fails closed."""
    for patient in PATIENTS:
        result = assess(patient.facts(), KNOWN["nothing"], patient.scope, TODAY)
        assert result.verdict is not Verdict.CLEAR, patient.said["id"]
