"""Every rule does what its own examples say: met, not met, not known, not for this person."""

from datetime import date

import pytest
from tests.factories.facts import of_example

from openkap import knowledge
from openkap.core.assessment import Scope, assess
from openkap.knowledge import SignOff
from openkap.knowledge.schema.rule import Rule, RuleExample
from openkap.units import Drug, Route

TODAY = date(2026, 11, 21)
UNSIGNED = knowledge.load(TODAY)
# Every record adopted, so that what a rule finds is seen and not only that it waits for a decision.
ADOPTED = knowledge.load(
    TODAY, [SignOff(rule.id, rule.version, adopted=True, decided_on=TODAY) for rule in UNSIGNED.rules.values()]
)
CASES = [
    pytest.param(rule, example, id=f"{rule.id}: {example.name}")
    for rule in UNSIGNED.rules.values()
    for example in rule.examples
]
ACTION_WHEN = {"not-met": None, "inapplicable": None, "unknown": "needs"}


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_a_rule_does_what_its_examples_say(rule: Rule, example: RuleExample) -> None:
    scope = Scope((rule.scope.indications or ("trd",))[0], Drug(example.drug), Route(example.route))
    result = assess(of_example(ADOPTED, example), ADOPTED, scope, example.on)
    mine = [finding.action.value for finding in result.findings if finding.rule_id == rule.id]
    action = ACTION_WHEN.get(example.expect, rule.action.value)
    assert mine == ([action] if action else [])
    listed = {ref.rule_id for ref in result.inapplicable}
    assert (rule.id in listed) == (example.expect == "inapplicable")


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_a_restricting_rule_without_sign_off_is_never_silent(rule: Rule, example: RuleExample) -> None:
    scope = Scope((rule.scope.indications or ("trd",))[0], Drug(example.drug), Route(example.route))
    result = assess(of_example(UNSIGNED, example), UNSIGNED, scope, example.on)
    mine = {finding.action.value for finding in result.findings if finding.rule_id == rule.id}
    if example.expect == "inapplicable":
        assert mine == set()
    elif UNSIGNED.state(rule.id) == "needs-sign-off":
        assert mine == {"needs"}
    elif example.expect == "met":
        may_act = UNSIGNED.may_restrict(rule.id) or rule.action not in {"block", "hold"}
        assert mine == {rule.action.value if may_act else "warn"}
