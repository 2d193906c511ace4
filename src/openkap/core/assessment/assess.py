"""From facts to a verdict, rule by rule (DEFINITIONS: Knowledge and rules)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from openkap.core.assessment.concepts import by_concept, recogniser
from openkap.core.assessment.evaluate import evaluate
from openkap.core.assessment.facts import Fact, Scope
from openkap.core.assessment.findings import Assessment, Finding, FindingAction, RuleRef, Verdict
from openkap.core.assessment.person import BIRTH_DATE, SEX, Outcome, Person, in_ages
from openkap.knowledge import KnowledgeSet, State
from openkap.knowledge.schema.concept_map import FactKind
from openkap.knowledge.schema.record import Text
from openkap.knowledge.schema.rule import (
    Action,
    AllOf,
    AnyOf,
    AtLeast,
    Compares,
    Condition,
    HasConcept,
    Not,
    Recorded,
    Repeated,
    Rule,
)

SITE_DECISION: Final = Text(
    en="A decision of the site: this rule has not been signed off by the medical director.",
    es="Una decisión del centro: la dirección médica aún no ha aprobado esta regla.",
)
_NOT_NAMED: Final = Text(
    en="Something this rule needs is not known.", es="Falta un dato que esta regla necesita."
)
_DEMOGRAPHIC_NEEDS: Final = {
    BIRTH_DATE: Text(en="The date of birth.", es="La fecha de nacimiento."),
    SEX: Text(en="The administrative sex.", es="El sexo administrativo."),
}
_STRICTNESS: Final = {action: rank for rank, action in enumerate(FindingAction)}


@dataclass(frozen=True, slots=True)
class _Ready:
    """A rule with what is the same for everyone: whether it may act here, and what it then does."""

    rule: Rule
    state: State
    action: FindingAction
    why_inactive: str


@lru_cache(maxsize=8)
def _ready(knowledge: KnowledgeSet) -> tuple[_Ready, ...]:
    """The rules of a knowledge set in the order of their ids; kept for the sets in use."""
    return tuple(
        _Ready(rule, knowledge.state(rule.id), _action(rule, knowledge), _why_inactive(rule, knowledge))
        for rule in sorted(knowledge.rules.values(), key=lambda rule: rule.id)
    )


def assess(facts: Iterable[Fact], knowledge: KnowledgeSet, scope: Scope, on: date) -> Assessment:
    """Judge a person for a treatment on a day.

    `facts`: everything recorded, in any order. A rule on a fact that is not known yields `needs`, never a pass.
    """
    grouped, unrecognised = by_concept(facts, recogniser(knowledge))
    person = Person(grouped, on)
    findings: list[Finding] = []
    evaluated: list[RuleRef] = []
    inactive: list[RuleRef] = []
    inapplicable: list[RuleRef] = []
    for ready in _ready(knowledge):
        rule = ready.rule
        fits = in_scope(rule, scope, person)
        if fits is False:
            inapplicable.append(_ref(rule, "not for this person or treatment"))
        elif ready.state is State.INACTIVE:
            inactive.append(_ref(rule, ready.why_inactive))
        else:
            outcome = _scoped(evaluate(rule.when, person), fits)
            evaluated.append(_ref(rule, _word(outcome)))
            if finding := _finding(ready, outcome, knowledge):
                findings.append(finding)
    findings.sort(key=lambda found: (_STRICTNESS[found.action], not found.facts, found.rule_id))
    return Assessment(
        verdict=verdict_of(findings),
        findings=tuple(findings),
        evaluated=tuple(evaluated),
        inactive=tuple(inactive),
        inapplicable=tuple(inapplicable),
        unrecognised=unrecognised,
    )


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Any block: blocked; any hold or need: needs; else clear."""
    actions = {finding.action for finding in findings}
    if FindingAction.BLOCK in actions:
        return Verdict.BLOCKED
    if actions & {FindingAction.HOLD, FindingAction.NEEDS}:
        return Verdict.NEEDS
    return Verdict.CLEAR


def in_scope(rule: Rule, scope: Scope, person: Person) -> bool | None:
    """Whether a rule is for this treatment and person at all; none when the age leaves it open.

    What is not said of the treatment, or of the person's sex, does not take them out of scope.
    """
    wanted = rule.scope
    if (
        (wanted.drugs and scope.drug not in wanted.drugs)
        or (wanted.routes and scope.route not in wanted.routes)
        or (wanted.indications and scope.indication not in wanted.indications)
        or (wanted.jurisdictions and scope.jurisdiction and scope.jurisdiction not in wanted.jurisdictions)
        or (wanted.sexes and person.sex() not in {None, *wanted.sexes})
    ):
        return False
    return in_ages(person, wanted)


def questions(knowledge: KnowledgeSet, scope: Scope) -> dict[str, Text]:
    """The questions that rules for this treatment may ask, by concept: what an interview has to cover."""
    asked: dict[str, Text] = {}
    for rule in sorted(knowledge.rules.values(), key=lambda rule: rule.id):
        if in_scope(rule, scope, Person({}, knowledge.at)) is False:
            continue
        for concept in _asking(rule.when):
            question = knowledge.concept_maps[concept].question
            if question is not None:
                asked[concept] = question
    return asked


def notable(knowledge: KnowledgeSet, scope: Scope) -> dict[str, Text]:
    """What rules for this treatment look at and somebody may say, whether or not anyone asks; by concept.

    Signs such as craving are of this kind: no rule asks for them, and a chart seldom has them.
    """
    found: dict[str, Text] = {}
    for rule in sorted(knowledge.rules.values(), key=lambda rule: rule.id):
        if in_scope(rule, scope, Person({}, knowledge.at)) is not False:
            for concept in concepts_of(rule.when):
                known = knowledge.concept_maps[concept]
                if known.question and FactKind.OBSERVATION not in known.found_in:
                    found[concept] = known.title
    return found


def concepts_of(condition: Condition) -> list[str]:
    """The concepts that a condition looks at."""
    match condition:
        case HasConcept() | Recorded() | Repeated():
            return [condition.concept]
        case Compares():
            return [condition.observation]
        case AllOf() | AnyOf() | AtLeast():
            return [concept for part in condition.of for concept in concepts_of(part)]
        case Not():
            return concepts_of(condition.of)
        case _:
            return []


def _asking(condition: Condition) -> list[str]:
    match condition:
        case HasConcept():
            return [condition.concept] if condition.if_not_recorded == "ask" else []
        case AllOf() | AnyOf() | AtLeast():
            return [concept for part in condition.of for concept in _asking(part)]
        case Not():
            return _asking(condition.of)
        case Compares():
            return [condition.observation] if condition.if_not_recorded == "ask" else []
        case _:
            return []


def _scoped(outcome: Outcome, fits: bool | None) -> Outcome:
    """A rule whose scope is open is not known, unless its condition is not met anyway."""
    if fits or outcome.met is False:
        return outcome
    return Outcome(None, outcome.facts, tuple(sorted({*outcome.asks, BIRTH_DATE})))


def _finding(ready: _Ready, outcome: Outcome, knowledge: KnowledgeSet) -> Finding | None:
    rule = ready.rule
    if ready.state is State.NEEDS_SIGN_OFF:
        facts = outcome.facts if outcome.met is not False else ()
        return _found(rule, FindingAction.NEEDS, facts, SITE_DECISION, outcome.asks)
    if outcome.met is None:
        return _found(rule, FindingAction.NEEDS, outcome.facts, _need(outcome, knowledge), outcome.asks)
    return _found(rule, ready.action, outcome.facts) if outcome.met else None


def _found(
    rule: Rule,
    action: FindingAction,
    facts: tuple[Fact, ...],
    needs: Text | None = None,
    asks: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        rule_id=rule.id,
        rule_version=rule.version,
        title=rule.title,
        action=action,
        reason=rule.reason,
        facts=facts,
        sources=rule.sources,
        verification=rule.verification,
        authority=rule.authority,
        override_roles=rule.override.roles if rule.override else (),
        override_days=rule.override.expires_after_days if rule.override else None,
        next_step=rule.next_step,
        needs=needs,
        asks=asks,
    )


def _action(rule: Rule, knowledge: KnowledgeSet) -> FindingAction:
    if rule.action in {Action.BLOCK, Action.HOLD} and not knowledge.may_restrict(rule.id):
        return FindingAction.WARN
    return FindingAction(rule.action.value)


def _need(outcome: Outcome, knowledge: KnowledgeSet) -> Text:
    needed = [_need_of(concept, knowledge) for concept in outcome.asks] or [_NOT_NAMED]
    spanish = [text.es for text in needed if text.es]
    return Text(
        en=" ".join(text.en for text in needed),
        es=" ".join(spanish) if len(spanish) == len(needed) else None,
    )


def _need_of(concept: str, knowledge: KnowledgeSet) -> Text:
    if concept in _DEMOGRAPHIC_NEEDS:
        return _DEMOGRAPHIC_NEEDS[concept]
    known = knowledge.concept_maps[concept]
    return known.question or known.title


def _ref(rule: Rule, outcome: str) -> RuleRef:
    return RuleRef(rule.id, rule.version, outcome)


def _word(outcome: Outcome) -> str:
    return "not known" if outcome.met is None else "met" if outcome.met else "not met"


def _why_inactive(rule: Rule, knowledge: KnowledgeSet) -> str:
    return "declined by the site" if knowledge.decision(rule.id) is False else "waits for sign-off"
