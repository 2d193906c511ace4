"""What the records in force say of blood pressure before a dose, side by side; authorities differ."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from openkap.core.assessment.assess import in_scope
from openkap.core.assessment.concepts import by_concept, recogniser
from openkap.core.assessment.facts import Fact, Scope
from openkap.core.assessment.person import Person
from openkap.knowledge import KnowledgeSet, State
from openkap.knowledge.schema.monitoring import Gate, MonitoringRecord, Vital
from openkap.knowledge.schema.record import Authority, Source, Text, Verification
from openkap.knowledge.schema.rule import Action, AllOf, AnyOf, Compares, Condition, Not, Rule

Part = Literal["systolic", "diastolic"]
_OBSERVED: Final[dict[str, Part]] = {"systolic-pressure": "systolic", "diastolic-pressure": "diastolic"}
_VITALS: Final[dict[Vital, Part]] = {Vital.SYSTOLIC: "systolic", Vital.DIASTOLIC: "diastolic"}


@dataclass(frozen=True, slots=True)
class PressureLimit:
    """One record's limit, in mmHg: above it, `action` follows. `acts` says whether it may here, today.

    `concerns` is none when the patient's age leaves open whether it is about them.
    """

    record_id: str
    title: Text
    words: Text
    systolic: float | None
    diastolic: float | None
    action: Action
    authority: Authority
    sources: tuple[Source, ...]
    verification: Verification
    acts: bool
    concerns: bool | None
    before_each_dose: bool


def pressure_limits(
    facts: Iterable[Fact], knowledge: KnowledgeSet, scope: Scope, age: int | None
) -> tuple[PressureLimit, ...]:
    """Every record about pressure for the drug and route: those that concern this person first, low to high.

    `age` in completed years, none when it is not known.
    """
    grouped, _unrecognised = by_concept(facts, recogniser(knowledge))
    person = Person(grouped, knowledge.at)
    found = [*_of_rules(knowledge, scope, person), *_of_gates(knowledge, scope, age)]
    return tuple(
        sorted(
            found, key=lambda one: (one.concerns is False, one.systolic or 0, one.diastolic or 0, one.record_id)
        )
    )


def _of_rules(knowledge: KnowledgeSet, scope: Scope, person: Person) -> Iterator[PressureLimit]:
    for rule in knowledge.rules.values():
        limits = {_OBSERVED[test.observation]: test.value for test in _compared(rule.when)}
        wanted = rule.scope
        for_another = (wanted.drugs and scope.drug not in wanted.drugs) or (
            wanted.routes and scope.route not in wanted.routes
        )
        if limits and not for_another:
            yield _of_rule(rule, limits, knowledge, concerns=in_scope(rule, scope, person))


def _of_rule(
    rule: Rule, limits: dict[Part, float], knowledge: KnowledgeSet, *, concerns: bool | None
) -> PressureLimit:
    restricts = rule.action in {Action.BLOCK, Action.HOLD} and knowledge.may_restrict(rule.id)
    action = rule.action if restricts or rule.action not in {Action.BLOCK, Action.HOLD} else Action.WARN
    return PressureLimit(
        record_id=rule.id,
        title=rule.title,
        words=rule.reason,
        systolic=limits.get("systolic"),
        diastolic=limits.get("diastolic"),
        action=action,
        authority=rule.authority,
        sources=rule.sources,
        verification=rule.verification,
        acts=knowledge.state(rule.id) is State.ACTIVE,
        concerns=concerns,
        before_each_dose=False,
    )


def _compared(condition: Condition) -> Sequence[Compares]:
    """The comparisons of a pressure upwards that a condition makes."""
    match condition:
        case Compares():
            upwards = condition.operator in {">", ">="} and condition.observation in _OBSERVED
            return [condition] if upwards else []
        case AllOf() | AnyOf():
            return [test for part in condition.of for test in _compared(part)]
        case Not():
            return []
        case _:
            return []


def _of_gates(knowledge: KnowledgeSet, scope: Scope, age: int | None) -> Iterator[PressureLimit]:
    for record in knowledge.monitoring.values():
        if isinstance(record.content, Gate) and scope.drug in record.drugs and scope.route in record.routes:
            yield from _of_gate(record, record.content, knowledge, age)


def _of_gate(
    record: MonitoringRecord, gate: Gate, knowledge: KnowledgeSet, age: int | None
) -> Iterator[PressureLimit]:
    """The gate before each dose, with the bounds for this age."""
    limits = {
        _VITALS[bound.vital]: bound.above
        for bound in gate.any_of
        if bound.vital in _VITALS and bound.above is not None and bound.concerns(age)
    }
    if limits:
        yield PressureLimit(
            record_id=record.id,
            title=record.title,
            words=gate.step,
            systolic=limits.get("systolic"),
            diastolic=limits.get("diastolic"),
            action=Action(gate.action),
            authority=record.authority,
            sources=record.sources,
            verification=record.verification,
            acts=knowledge.state(record.id) is State.ACTIVE,
            concerns=True,
            before_each_dose=True,
        )
