"""Every rule does what its own examples say: met, not met, not known, not for this person."""

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from tests.factories.facts import of_example
from tests.factories.rule_mutants import judged, mutants, treatment_of

from openkap import knowledge
from openkap.core.assessment import assess
from openkap.core.assessment.concepts import by_concept, recogniser
from openkap.core.assessment.evaluate import EVALUATORS
from openkap.core.assessment.person import Person
from openkap.knowledge import KnowledgeSet, SignOff
from openkap.knowledge.loader import read_whole
from openkap.knowledge.schema.rule import Always, Condition, Recorded, Rule

TODAY = date(2026, 11, 21)
UNSIGNED = knowledge.load(TODAY)
# Every record adopted, so that what a rule finds is seen and not only that it waits for a decision.
ADOPTED = knowledge.load(
    TODAY, [SignOff(rule.id, rule.version, adopted=True, decided_on=TODAY) for rule in UNSIGNED.rules.values()]
)
ACTION_WHEN = {"not-met": None, "inapplicable": None, "unknown": "needs"}
RULES = [pytest.param(rule, id=rule.id) for rule in read_whole("rules", Rule)]


def only(known: KnowledgeSet, rule: Rule) -> KnowledgeSet:
    """The same knowledge with this rule alone, so that hundreds of examples are judged quickly."""
    return replace(known, rules={rule.id: rule})


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_examples_of_what_matters(rule: Rule) -> None:
    """Met, and either not met or for others only; and not known, wherever something may be not known."""
    seen = {example.expect for example in rule.examples}
    assert {"met"} < seen
    assert "unknown" in seen or isinstance(rule.when, Always | Recorded)
    assert len({example.name for example in rule.examples}) == len(rule.examples)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_does_what_its_examples_say(rule: Rule) -> None:
    known = only(ADOPTED, rule)
    for example in rule.examples:
        result = assess(of_example(known, example), known, treatment_of(rule, example), example.on)
        mine = [finding.action.value for finding in result.findings]
        action = ACTION_WHEN.get(example.expect, rule.action.value)
        assert mine == ([action] if action else []), example.name
        assert bool(result.inapplicable) == (example.expect == "inapplicable"), example.name


@pytest.mark.parametrize("rule", RULES)
def test_a_restricting_rule_without_sign_off_is_never_silent(rule: Rule) -> None:
    known = only(UNSIGNED, rule)
    may_act = known.may_restrict(rule.id) or rule.action not in {"block", "hold"}
    for example in rule.examples:
        result = assess(of_example(known, example), known, treatment_of(rule, example), example.on)
        mine = {finding.action.value for finding in result.findings}
        if example.expect == "inapplicable":
            assert mine == set(), example.name
        elif known.state(rule.id) == "needs-sign-off":
            assert mine == {"needs"}, example.name
        elif example.expect == "met":
            assert mine == {rule.action.value if may_act else "warn"}, example.name


@pytest.mark.parametrize("rule", RULES)
def test_examples_notice_every_small_change_of_a_rule(rule: Rule) -> None:
    """A limit shifted by one, a part lost, a scope widened, an operator turned: some example then fails."""
    people = [
        (example, Person(by_concept(of_example(UNSIGNED, example), recogniser(UNSIGNED))[0], example.on))
        for example in rule.examples
    ]
    unnoticed = [
        what
        for what, mutant in mutants(rule)
        if all(judged(mutant, example, person) == example.expect for example, person in people)
    ]
    assert unnoticed == []


def test_every_kind_of_condition_is_evaluated() -> None:
    kinds = set(get_args(get_args(Condition)[0]))
    assert set(EVALUATORS) == kinds
