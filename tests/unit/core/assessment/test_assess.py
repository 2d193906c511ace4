"""The verdict: what blocks, what holds, what is asked, what only warns; and what nobody may set aside."""

from datetime import date

import pytest
from tests.factories.facts import entry

from openkap import knowledge
from openkap.core.assessment import (
    Assessment,
    Code,
    Fact,
    FactKind,
    FactStatus,
    FindingAction,
    Scope,
    Verdict,
    assess,
    assessment_as_json,
    birth_date,
    clearance_fact,
    questions,
    sex,
)
from openkap.knowledge import KnowledgeSet, SignOff
from openkap.units import Drug, Route
from openkap.units.partial_dates import PartialDate

TODAY = date(2026, 11, 21)
UNSIGNED = knowledge.load(TODAY)
KETAMINE = Scope("trd", Drug.KETAMINE, Route.IV, "US-CA")
ESKETAMINE = Scope("trd", Drug.ESKETAMINE, Route.IN, "US-CA")
SNOMED = "http://snomed.info/sct"


def decided(adopted: bool, *records: str) -> KnowledgeSet:
    rules = records or tuple(UNSIGNED.rules)
    return knowledge.load(TODAY, [SignOff(record, 1, adopted=adopted, decided_on=TODAY) for record in rules])


ADOPTED = decided(True)


def asked(scope: Scope, *, known: KnowledgeSet = ADOPTED) -> list[Fact]:
    """Everything a rule may ask about, asked today and denied; a normal pressure; cleared; a man of 46."""
    answers = [
        entry(known, concept, FactStatus.ABSENT, recorded=TODAY)
        for concept in questions(known, scope)
        if concept not in {"systolic-pressure", "diastolic-pressure"}
    ]
    pressures = [
        entry(known, "systolic-pressure", recorded=TODAY, value="120 mm[Hg]"),
        entry(known, "diastolic-pressure", recorded=TODAY, value="75 mm[Hg]"),
    ]
    cleared = [clearance_fact(item, FactStatus.ACTIVE, TODAY) for item in known.clearance_items]
    return [*answers, *pressures, *cleared, birth_date(date(1980, 1, 1)), sex("male")]


def found(result: Assessment, rule: str) -> str | None:
    return next((finding.action.value for finding in result.findings if finding.rule_id == rule), None)


@pytest.mark.parametrize("scope", [KETAMINE, ESKETAMINE], ids=["ketamine", "esketamine"])
def test_a_healthy_person_of_whom_all_is_known_is_clear(scope: Scope) -> None:
    result = assess(asked(scope), ADOPTED, scope, TODAY)
    assert result.verdict is Verdict.CLEAR
    # What sources say of the treatment itself is said to everyone.
    assert {finding.action for finding in result.findings} <= {FindingAction.INFORM}


@pytest.mark.parametrize("scope", [KETAMINE, ESKETAMINE], ids=["ketamine", "esketamine"])
def test_a_person_of_whom_nothing_is_known_is_never_clear(scope: Scope) -> None:
    for known in (UNSIGNED, ADOPTED):
        result = assess([], known, scope, TODAY)
        assert result.verdict is Verdict.NEEDS
        assert all(finding.needs is not None for finding in result.findings if finding.action == "needs")


def test_without_sign_off_nobody_is_clear_and_the_site_is_asked() -> None:
    result = assess(asked(KETAMINE), UNSIGNED, KETAMINE, TODAY)
    assert result.verdict is Verdict.NEEDS
    waiting = {finding.rule_id for finding in result.findings if finding.action == "needs"}
    assert "ketamine-default-pregnancy" in waiting
    assert waiting == {
        rule for rule in waiting if UNSIGNED.state(rule) == "needs-sign-off"
    }  # nothing else is open


@pytest.mark.parametrize(
    ("scope", "concept", "rule"),
    [
        (ESKETAMINE, "aneurysm", "esketamine-label-aneurysm"),
        (ESKETAMINE, "arteriovenous-malformation", "esketamine-label-avm"),
        (ESKETAMINE, "intracerebral-haemorrhage", "esketamine-label-intracerebral-haemorrhage"),
        (ESKETAMINE, "ketamine-allergy", "esketamine-label-hypersensitivity"),
        (KETAMINE, "ketamine-allergy", "ketamine-label-hypersensitivity"),
        (KETAMINE, "stroke", "ketamine-swiss-label-stroke"),
    ],
)
def test_contraindications_of_a_label_block_and_nobody_overrides_them(
    scope: Scope, concept: str, rule: str
) -> None:
    result = assess([*asked(scope), entry(ADOPTED, concept)], ADOPTED, scope, TODAY)
    finding = next(finding for finding in result.findings if finding.rule_id == rule)
    assert result.verdict is Verdict.BLOCKED
    assert finding.action == "block"
    assert not finding.overridable


def test_a_trial_exclusion_warns_until_the_site_adopts_it() -> None:
    facts = [
        *asked(ESKETAMINE),
        entry(ADOPTED, "glaucoma"),
        entry(ADOPTED, "glaucoma-treated", FactStatus.ABSENT),
    ]
    rule = "esketamine-trials-glaucoma"
    others = [other for other in UNSIGNED.rules if other != rule]
    before = assess(facts, decided(True, *others), ESKETAMINE, TODAY)
    after = assess(facts, ADOPTED, ESKETAMINE, TODAY)
    assert (found(before, rule), before.verdict) == ("warn", Verdict.CLEAR)
    assert (found(after, rule), after.verdict) == ("hold", Verdict.NEEDS)


def test_a_rule_the_site_declined_is_listed_as_inactive() -> None:
    known = decided(False, "default-maoi")
    result = assess([entry(known, "maoi")], known, KETAMINE, TODAY)
    assert found(result, "default-maoi") is None
    assert ("default-maoi", "declined by the site") in {(ref.rule_id, ref.outcome) for ref in result.inactive}


def test_a_label_that_was_read_acts_even_if_declined() -> None:
    known = decided(False, "ketamine-swiss-label-stroke")
    result = assess([entry(known, "stroke")], known, KETAMINE, TODAY)
    assert found(result, "ketamine-swiss-label-stroke") == "block"


def test_every_rule_is_listed_once() -> None:
    for scope in (KETAMINE, ESKETAMINE):
        result = assess(asked(scope), ADOPTED, scope, TODAY)
        listed = [ref.rule_id for ref in (*result.evaluated, *result.inactive, *result.inapplicable)]
        assert sorted(listed) == sorted(ADOPTED.rules)


def test_conflicting_sources_stand_side_by_side() -> None:
    facts = [*asked(ESKETAMINE), entry(ADOPTED, "maoi")]
    result = assess(facts, ADOPTED, ESKETAMINE, TODAY)
    assert found(result, "esketamine-label-maoi") == "warn"
    assert found(result, "default-maoi") == "hold"
    assert result.verdict is Verdict.NEEDS


def test_findings_carry_reason_source_and_what_they_rest_on() -> None:
    stroke = Fact(
        FactKind.CONDITION,
        text="Stroke",
        codes=(Code(SNOMED, "230690007"),),
        onset=PartialDate.parse("2014-05"),
        source_ref="Condition/1",
    )
    result = assess([stroke], UNSIGNED, KETAMINE, TODAY)
    finding = result.findings[0]
    assert (finding.rule_id, finding.facts) == ("ketamine-swiss-label-stroke", (stroke,))
    assert "67199" in finding.sources[0].citation
    assert (finding.verification, finding.authority) == ("source", "label")


@pytest.mark.parametrize(
    ("text", "codes", "concept"),
    [
        ("Hypertension", ("38341003",), "hypertension-surges"),
        ("Essential hypertension", (), "hypertension-surges"),
        ("HYPERTENSIVE DISORDER", (), "hypertension-surges"),
    ],
)
def test_entries_are_recognised_by_code_and_by_words(text: str, codes: tuple[str, ...], concept: str) -> None:
    fact = Fact(FactKind.CONDITION, text=text, codes=tuple(Code(SNOMED, code) for code in codes))
    assert found(assess([fact], ADOPTED, KETAMINE, TODAY), concept) == "warn"


@pytest.mark.parametrize(
    "text",
    [
        "Pulmonary hypertension",
        "Family history of hypertension",
        "No history of hypertension",
        "Hypertensionlike",
    ],
)
def test_other_words_do_not_count(text: str) -> None:
    fact = Fact(FactKind.CONDITION, text=text)
    assert found(assess([fact], ADOPTED, KETAMINE, TODAY), "hypertension-surges") is None


def test_icd_codes_count_with_all_that_is_below_them() -> None:
    fact = Fact(FactKind.CONDITION, codes=(Code("http://hl7.org/fhir/sid/icd-10-cm", "I11.9"),))
    assert found(assess([fact], ADOPTED, KETAMINE, TODAY), "hypertension-surges") == "warn"
    other = Fact(FactKind.CONDITION, codes=(Code("http://hl7.org/fhir/sid/icd-10-cm", "I27.0"),))
    assert found(assess([other], ADOPTED, KETAMINE, TODAY), "hypertension-surges") is None


def test_a_code_counts_only_in_its_own_system() -> None:
    fact = Fact(FactKind.CONDITION, codes=(Code("http://example.org/codes", "38341003"),))
    assert found(assess([fact], ADOPTED, KETAMINE, TODAY), "hypertension-surges") is None


def test_history_of_is_the_past_whatever_the_entrys_status() -> None:
    old = Fact(
        FactKind.CONDITION,
        text="History of myocardial infarction (situation)",
        codes=(Code(SNOMED, "399211009"),),
    )
    assert found(assess([old], ADOPTED, KETAMINE, TODAY), "ketamine-default-myocardial-infarction") == "warn"
    worded = Fact(FactKind.CONDITION, text="History of alcohol dependence")
    assert found(assess([worded], ADOPTED, KETAMINE, TODAY), "default-substance-use-disorder") is None


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Family history of schizophrenia", "warn"),
        ("FH: psychosis in mother", "warn"),
        ("No family history of psychosis", None),
        ("Family history of diabetes", "needs"),
    ],
)
def test_an_entry_about_relatives_is_theirs_alone(text: str, finding: str | None) -> None:
    """It tells of the family, is listed if nobody knows what it means, and never makes the patient ill."""
    entry = Fact(FactKind.CONDITION, text=text)
    result = assess([entry], ADOPTED, KETAMINE, TODAY)
    assert found(result, "default-family-psychosis") == finding
    assert found(result, "ketamine-default-psychosis") == "needs"  # still to be asked of the patient
    assert (entry in result.unrecognised) == (finding == "needs")


def test_no_known_allergies_settles_the_question() -> None:
    for fact in (
        Fact(FactKind.ALLERGY, text="No known allergies"),
        Fact(FactKind.ALLERGY, text="NKDA"),
        Fact(FactKind.ALLERGY, codes=(Code(SNOMED, "716186003"),)),
    ):
        result = assess([fact], ADOPTED, KETAMINE, TODAY)
        assert found(result, "ketamine-label-hypersensitivity") is None
    shellfish = Fact(FactKind.ALLERGY, text="Shellfish allergy")
    assert found(assess([shellfish], ADOPTED, KETAMINE, TODAY), "ketamine-label-hypersensitivity") == "needs"


def test_the_newest_answer_counts_and_two_on_one_day_count_at_their_worst() -> None:
    def pregnant(status: FactStatus, on: date) -> Fact:
        return Fact(FactKind.ANSWER, concept="pregnancy", status=status, recorded=on)

    def outcome(*facts: Fact) -> str | None:
        return found(assess(facts, ADOPTED, KETAMINE, TODAY), "ketamine-default-pregnancy")

    spring, yesterday = date(2026, 4, 1), date(2026, 11, 20)
    assert outcome(pregnant(FactStatus.ACTIVE, spring), pregnant(FactStatus.ABSENT, yesterday)) is None
    assert outcome(pregnant(FactStatus.ABSENT, spring), pregnant(FactStatus.ACTIVE, yesterday)) == "block"
    assert outcome(pregnant(FactStatus.ABSENT, yesterday), pregnant(FactStatus.ACTIVE, yesterday)) == "block"


def test_a_chart_entry_stands_against_an_answer() -> None:
    facts = [entry(ADOPTED, "stroke"), entry(ADOPTED, "stroke", FactStatus.ABSENT, recorded=TODAY)]
    assert found(assess(facts, ADOPTED, KETAMINE, TODAY), "ketamine-swiss-label-stroke") == "block"


def test_what_no_map_knows_is_listed() -> None:
    odd = Fact(FactKind.CONDITION, text="Sprain of ankle", codes=(Code(SNOMED, "44465007"),))
    result = assess([odd, entry(ADOPTED, "hypertension")], ADOPTED, KETAMINE, TODAY)
    assert result.unrecognised == (odd,)


def test_a_sex_or_age_that_is_said_in_two_ways_is_not_known() -> None:
    facts = [sex("male"), sex("female"), birth_date(date(1980, 1, 1)), birth_date(date(2015, 1, 1))]
    result = assess(facts, ADOPTED, KETAMINE, TODAY)
    assert found(result, "ketamine-default-pregnancy") == "needs"
    assert found(result, "ketamine-default-age") == "needs"


def test_a_birth_year_alone_decides_only_where_it_can() -> None:
    def born(text: str) -> Fact:
        return Fact(FactKind.DEMOGRAPHIC, concept="birth-date", onset=PartialDate.parse(text))

    assert found(assess([born("1980")], ADOPTED, KETAMINE, TODAY), "ketamine-default-age") is None
    assert found(assess([born("2008")], ADOPTED, KETAMINE, TODAY), "ketamine-default-age") == "needs"
    assert found(assess([born("2012")], ADOPTED, KETAMINE, TODAY), "ketamine-default-age") == "block"


def test_a_pressure_in_a_unit_that_cannot_be_one_is_not_known() -> None:
    facts = [
        entry(ADOPTED, "systolic-pressure", recorded=TODAY, value="120 kg"),
        entry(ADOPTED, "diastolic-pressure", recorded=TODAY, value="75 mm[Hg]"),
    ]
    assert found(assess(facts, ADOPTED, KETAMINE, TODAY), "ketamine-swiss-label-resting-pressure") == "needs"


def test_the_interview_covers_every_question_a_rule_may_ask() -> None:
    for scope in (KETAMINE, ESKETAMINE):
        interview = questions(ADOPTED, scope)
        asks = {concept for finding in assess([], ADOPTED, scope, TODAY).findings for concept in finding.asks}
        assert asks - {"birth-date", "sex"} <= set(interview)
    assert "severe-cardiac-disease" in questions(ADOPTED, KETAMINE)
    assert "severe-cardiac-disease" not in questions(ADOPTED, ESKETAMINE)


def test_the_json_says_all_that_is_needed_to_check_it() -> None:
    result = assess([entry(ADOPTED, "stroke", onset="2014")], ADOPTED, KETAMINE, TODAY)
    written = assessment_as_json(result)
    assert written["verdict"] == "blocked"
    findings = written["findings"]
    assert isinstance(findings, list)
    assert findings[0]["rule"] == "ketamine-swiss-label-stroke"
    assert findings[0]["action"] == "block"
    assert findings[0]["fact"][0]["onset"] == "2014"
    assert findings[0]["source"][0]["citation"].startswith("Swiss")
    assert {"evaluated", "inactive", "inapplicable", "unrecognised"} <= set(written)
