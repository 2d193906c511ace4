"""Words that charts and medication lists use for what rules look at: one that is missed passes in silence."""

from datetime import date

import pytest

from openkap import knowledge
from openkap.core.assessment import Code, Fact, FactKind, FactStatus, Scope, assess
from openkap.core.assessment.concepts import recogniser
from openkap.units import Drug, Route

RECOGNISE = recogniser(knowledge.load(date(2026, 11, 21)))


def concepts(kind: FactKind, text: str) -> set[str]:
    return set(RECOGNISE.concepts_in(Fact(kind, text=text)))


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Linezolid 600 MG Oral Tablet", "maoi"),
        ("Methylene blue 50 MG/10 ML injection", "maoi"),
        ("Emsam 6 MG/24HR patch", "maoi"),
        ("Amfetamine 5 mg", "stimulant"),
        ("Solriamfetol 75 MG", "stimulant"),
        ("Suvorexant 10 MG", "cns-depressant"),
        ("Dihydrocodeine 30 mg", "opioid"),
        ("Clobazam 10 MG", "benzodiazepine"),
        ("Xanax 0.5 mg", "benzodiazepine"),
        ("Phenytoin 100 MG", "enzyme-inducer"),
        ("Fluconazole 150 MG", "cyp3a4-inhibitor"),
        ("Midodrine 5 MG", "sympathomimetic"),
        ("Prazosin 2 MG", "antihypertensive"),
        ("Telmisartan 40 MG", "antihypertensive"),
        ("Ciclesonide 50 MCG nasal spray", "nasal-spray"),
    ],
)
def test_a_medicine_is_known_by_its_name(text: str, concept: str) -> None:
    assert concept in concepts(FactKind.MEDICATION, text)


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Arteriovenous malformations of the brain", "arteriovenous-malformation"),
        ("Intracranial hemorrhage", "intracerebral-haemorrhage"),
        ("Subarachnoid haemorrhage in 2011", "stroke"),
        ("Acute coronary syndrome", "unstable-angina"),
        ("Dilated cardiomyopathy", "heart-failure"),
        ("CAD", "coronary-heart-disease"),
        ("HTN", "hypertension"),
        ("Hydrocephalus", "raised-intracranial-pressure"),
        ("Subdural hematoma", "brain-injury"),
        ("Thyroid storm", "hyperthyroidism"),
        ("Nonalcoholic steatohepatitis", "liver-disease"),
        ("Delusional disorder", "psychotic-disorder"),
        ("Cyclothymia", "bipolar-disorder"),
        ("Hypomania", "current-mania"),
        ("Opiate dependence", "opioid-use-disorder"),
        ("Delirium tremens", "alcohol-use-disorder"),
        ("Two suicide attempts", "suicidal-behaviour"),
        ("Intentional overdose", "suicidal-behaviour"),
        ("Depersonalization-derealization disorder", "personality-or-dissociative-disorder"),
        ("Upper respiratory tract infection", "respiratory-infection"),
    ],
)
def test_a_condition_is_known_by_its_name(text: str, concept: str) -> None:
    assert concept in concepts(FactKind.CONDITION, text)


@pytest.mark.parametrize(
    ("kind", "text", "concept"),
    [
        (FactKind.MEDICATION, "Desmopressin 0.1 MG", "sympathomimetic"),  # acts on the kidney, not on vessels
        (FactKind.MEDICATION, "Fluticasone 50 MCG inhaler", "nasal-spray"),
        (FactKind.CONDITION, "Head injury", "brain-injury"),  # a bruise is none
        (FactKind.CONDITION, "Acute otitis media", "respiratory-infection"),
    ],
)
def test_what_sounds_alike_is_not_taken_for_it(kind: FactKind, text: str, concept: str) -> None:
    assert concept not in concepts(kind, text)


@pytest.mark.parametrize(
    "text",
    [
        "Major depression disorder", "Major depression, single episode", "Recurrent depressive disorder",
        "Treatment-resistant depression", "Depression", "Trastorno depresivo mayor", "Depresión",
    ],
)  # fmt: skip
def test_what_the_treatment_is_for_is_recognised(text: str) -> None:
    assert concepts(FactKind.CONDITION, text) == {"depressive-disorder"}


@pytest.mark.parametrize(
    "text", ["Respiratory depression", "ST segment depression", "Manic depressive disorder"]
)
def test_other_depressions_are_none(text: str) -> None:
    assert "depressive-disorder" not in concepts(FactKind.CONDITION, text)


def test_psychotic_depression_stays_what_stands_against_treatment() -> None:
    found = concepts(FactKind.CONDITION, "Major depressive disorder, severe with psychotic features")
    assert found == {"depressive-disorder", "psychotic-depression", "psychotic-disorder"}


def test_the_code_of_an_exported_chart_is_recognised_and_changes_no_finding() -> None:
    code = Code("http://snomed.info/sct", "370143000")
    entry = Fact(FactKind.CONDITION, text="as it is called there", codes=(code,), status=FactStatus.ACTIVE)
    known, wanted = knowledge.load(date(2026, 11, 21)), Scope("trd", Drug("ketamine"), Route("iv"), None)
    with_it, without = (assess(facts, known, wanted, date(2026, 11, 21)) for facts in ([entry], []))
    assert (with_it.findings, with_it.unrecognised) == (without.findings, ())
