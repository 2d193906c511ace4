"""The records of the package, held to what we promise about them."""

import re
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from openkap import knowledge
from openkap.core.psychometrics import languages_of
from openkap.knowledge.knowledge_set import KnowledgeSet
from openkap.knowledge.loader import read_whole
from openkap.knowledge.schema.instrument import Domain, Instrument, Wording
from openkap.knowledge.schema.record import Effect, Record, Verification
from openkap.knowledge.schema.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    ClearanceIs,
    Compares,
    Condition,
    HasConcept,
    Not,
    Recorded,
    Repeated,
)

KNOWN = knowledge.load(date(2026, 11, 21))
PACKAGE = Path(knowledge.__file__).parent
KINDS = tuple(
    name
    for name in KnowledgeSet.__dataclass_fields__
    if not name.startswith("_") and name not in {"at", "site"}
)
RECORDS: list[Record] = [record for kind in KINDS for record in getattr(KNOWN, kind).values()]
SHIPPED = [i for i in read_whole("instruments", Instrument) if i.wording is Wording.SHIPPED]


def concepts_in(condition: Condition) -> set[str]:
    match condition:
        case HasConcept() | Recorded() | Repeated():
            return {condition.concept}
        case Compares():
            return {condition.observation}
        case AllOf() | AnyOf() | AtLeast():
            return {concept for part in condition.of for concept in concepts_in(part)}
        case Not():
            return concepts_in(condition.of)
        case _:
            return set()


def asked_in(condition: Condition) -> set[str]:
    match condition:
        case HasConcept():
            return {condition.concept} if condition.if_not_recorded == "ask" else set()
        case Compares():
            return {condition.observation} if condition.if_not_recorded == "ask" else set()
        case AllOf() | AnyOf() | AtLeast():
            return {concept for part in condition.of for concept in asked_in(part)}
        case Not():
            return asked_in(condition.of)
        case _:
            return set()


def items_in(condition: Condition) -> set[str]:
    match condition:
        case ClearanceIs():
            return {condition.item}
        case AllOf() | AnyOf() | AtLeast():
            return {item for part in condition.of for item in items_in(part)}
        case Not():
            return items_in(condition.of)
        case _:
            return set()


def test_every_record_is_in_the_set() -> None:
    files = {path.stem for path in PACKAGE.glob("*/**/*.yaml") if path.parts[-2] in KINDS}
    assert {record.id for record in RECORDS} == files


def test_a_records_id_is_its_files_name_and_is_used_once() -> None:
    counted = Counter(record.id for record in RECORDS)
    assert [record for record, times in counted.items() if times > 1] == []


def test_words_are_shipped_only_with_a_licence_that_lets_us() -> None:
    for path in (PACKAGE / "instruments").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if re.search(r"^\s+text:|, text:", text, re.MULTILINE):
            assert "licence_evidence:" in text, f"{path.name} has words without a licence"
    for instrument in SHIPPED:
        evidence = instrument.licence_evidence
        assert evidence is not None
        assert evidence.statement
        assert evidence.attribution.en
        assert instrument.licence == evidence.statement


@pytest.mark.parametrize("instrument", SHIPPED, ids=lambda instrument: instrument.id)
def test_a_shipped_instrument_is_whole_in_english_and_has_examples(instrument: Instrument) -> None:
    assert "en" in languages_of(instrument)
    bands = {band.id for band in instrument.bands.of} if instrument.bands else set()
    assert bands <= {example.band for example in instrument.examples}
    outcomes = {outcome.id for outcome in instrument.outcomes.of} if instrument.outcomes else set()
    assert outcomes <= {example.outcome for example in instrument.examples}
    assert None in {example.total for example in instrument.examples}


def test_an_instrument_whose_words_are_not_shipped_says_whose_they_are_and_has_none() -> None:
    for instrument in KNOWN.instruments.values():
        if instrument.wording is not Wording.SHIPPED:
            assert instrument.notes, instrument.id
            assert not instrument.items, instrument.id


def test_every_domain_of_a_programme_is_covered() -> None:
    assert {instrument.domain for instrument in KNOWN.instruments.values()} == set(Domain)


def test_the_lowest_answer_of_the_gad_7_is_not_the_corrupted_one() -> None:
    words = (PACKAGE / "instruments" / "gad-7.yaml").read_text(encoding="utf-8")
    offered = words.split("choices:", 1)[1]
    assert "Not at all sure" not in offered
    assert "More days than not" not in offered


def test_the_medicare_forms_codes_are_not_used() -> None:
    codes = {item.loinc for item in KNOWN.instruments["phq-9"].items}
    assert codes == {
        "44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8",
    }  # fmt: skip


def test_every_criterion_is_of_an_instrument_we_have() -> None:
    for criterion in KNOWN.criteria.values():
        assert criterion.instrument in KNOWN.instruments
    kinds = Counter((criterion.instrument, criterion.kind) for criterion in KNOWN.criteria.values())
    twice = {kind for kind, times in kinds.items() if times > 1}
    assert twice == {("madrs", "remission")}  # published with 10 and with 12: both are kept


def test_every_rule_rests_on_concepts_we_have() -> None:
    for rule in KNOWN.rules.values():
        assert concepts_in(rule.when) <= set(KNOWN.concept_maps), rule.id


def test_every_item_of_clearance_a_rule_names_is_there() -> None:
    named = {item for rule in KNOWN.rules.values() for item in items_in(rule.when)}
    assert named <= set(KNOWN.clearance_items)


def test_every_concept_serves_a_rule() -> None:
    """But what treatment is for: no rule asks for it, and a chart that says so says nothing unknown."""
    used = {concept for rule in KNOWN.rules.values() for concept in concepts_in(rule.when)}
    assert set(KNOWN.concept_maps) - used == {"depressive-disorder"}
    assert used < set(KNOWN.concept_maps)


def test_what_a_rule_may_ask_has_a_question_in_both_languages() -> None:
    for rule in KNOWN.rules.values():
        for concept in asked_in(rule.when):
            question = KNOWN.concept_maps[concept].question
            assert question is not None, f"{rule.id} asks for {concept}, which has no question"
            assert question.es


def test_reasons_are_there_in_both_languages() -> None:
    for rule in KNOWN.rules.values():
        assert rule.title.es, rule.id
        assert rule.reason.es, rule.id
        assert rule.next_step is None or rule.next_step.es


def test_nothing_from_memory_acts_before_its_sign_off() -> None:
    for rule in KNOWN.rules.values():
        if rule.verification is Verification.MEMORY:
            assert rule.effect is not Effect.NEUTRAL, f"{rule.id} would warn from memory"


def test_a_rule_for_a_drug_cites_a_source_on_that_drug() -> None:
    esketamine = re.compile(r"spravato|esketamine", re.IGNORECASE)
    for rule in KNOWN.rules.values():
        if rule.authority == "label" and rule.scope.drugs == ("ketamine",):
            assert not any(esketamine.search(source.citation) for source in rule.sources), rule.id
        if rule.authority == "label" and rule.scope.drugs == ("esketamine",):
            assert all(esketamine.search(source.citation) for source in rule.sources), rule.id


def test_no_record_has_passed_its_review() -> None:
    overdue = [record.id for record in RECORDS if record.next_review_on < record.effective_from]
    assert overdue == []


def test_no_record_names_a_place_of_ours() -> None:
    for path in PACKAGE.glob("**/*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/(work|root|tmp)/", text), path.name


def test_checking_the_records_costs_little_more_than_reading_them() -> None:
    """Processor time beside that of the parser alone in the same process: every start pays for it."""
    code = (
        "import datetime, pathlib, time, yaml; from openkap import knowledge; "
        "from openkap.units import Quantity; Quantity.of(1, 'mg').to('g'); "
        "began = time.process_time(); knowledge.load(datetime.date(2026, 11, 21)); "
        "loaded = time.process_time() - began; began = time.process_time(); "
        "[yaml.load(p.read_text(), Loader=yaml.CSafeLoader) "
        "for p in pathlib.Path(knowledge.__file__).parent.glob('*/**/*.yaml')]; "
        "print(loaded / (time.process_time() - began))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(answer.stdout) < 4


def test_every_instrument_that_a_concept_or_a_screen_names_can_be_entered() -> None:
    for concept in KNOWN.concept_maps.values():
        for instrument in concept.totals_of:
            assert KNOWN.instruments[instrument].has_total, concept.id
        for positive in concept.positive_by:
            assert positive.at_least in KNOWN.instruments[positive.instrument].range, concept.id
    for screen in KNOWN.screens.values():
        if screen.total_from:
            asked = screen.question(screen.total_from.question).range
            assert asked == KNOWN.instruments[screen.total_from.instrument].range, screen.id
