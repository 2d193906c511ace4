"""Evaluating a rule's condition on facts, in three values: met, not met, not known."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, assert_never

from openkap.core.assessment.concepts import order
from openkap.core.assessment.facts import Fact, FactKind, FactStatus
from openkap.core.assessment.measured import OPERATORS, compares, lacks_clearance, recorded, repeated
from openkap.core.assessment.person import BIRTH_DATE, Outcome, Person, in_ages, start_of
from openkap.knowledge.schema.record import StrictModel
from openkap.knowledge.schema.rule import (
    AgeIs,
    AllOf,
    Always,
    AnyOf,
    AtLeast,
    Audience,
    ClearanceIs,
    Compares,
    Condition,
    HasConcept,
    Not,
    Recorded,
    Repeated,
    Window,
)


def evaluate(condition: Condition, person: Person) -> Outcome:
    """What the condition is on this person."""
    return EVALUATORS[type(condition)](condition, person)


def _has(test: HasConcept, person: Person) -> Outcome:
    facts = _current(person.about(test.concept))
    if not facts:
        return _of_silence(test, person)
    outcomes = [(_counts(test, fact, person.on), fact) for fact in facts]
    if met := [fact for counted, fact in outcomes if counted]:
        return Outcome(True, tuple(sorted(met, key=order)))
    if unclear := [fact for counted, fact in outcomes if counted is None]:
        return Outcome(None, tuple(sorted(unclear, key=order)), (test.concept,))
    settling = tuple(sorted((fact for fact in facts if _settles(test, fact, person.on)), key=order))
    return Outcome(False, settling) if settling else _of_silence(test, person)


def _of_silence(test: HasConcept, person: Person) -> Outcome:
    """What it means that nothing in the chart says so, nor that it is not so."""
    if test.if_not_recorded == "no" or not _asked(test.asked_of, person):
        return Outcome(False)
    return Outcome(None, (), (test.concept,))


def _current(facts: Sequence[Fact]) -> list[Fact]:
    """Of answers the newest (all of them when two were given on that day); of entries all."""
    if len(facts) < 2:
        return list(facts)
    dated = [fact.recorded for fact in facts if fact.kind is FactKind.ANSWER and fact.recorded]
    newest = max(dated, default=None)
    return [f for f in facts if f.kind is not FactKind.ANSWER or f.recorded is None or f.recorded == newest]


def _counts(test: HasConcept, fact: Fact, on: date) -> bool | None:
    match fact.status:
        case FactStatus.ABSENT:
            return False
        case FactStatus.RESOLVED if test.status == "active":
            return False
        case FactStatus.ACTIVE if _is_over(test, fact, on):
            return False
        case FactStatus.UNKNOWN:
            return None
        case FactStatus.ACTIVE | FactStatus.RESOLVED:
            return _began_within(test.within, fact, on)
        case _:
            assert_never(fact.status)


def _is_over(test: HasConcept, fact: Fact, on: date) -> bool:
    """Whether an entry that nobody closed must be over: it began, or was said, too long ago."""
    if test.lasts_at_most is None:
        return False
    latest = fact.onset.last if fact.onset else fact.recorded
    return latest is not None and latest < start_of(test.lasts_at_most, on)


def _began_within(window: Window | None, fact: Fact, on: date) -> bool | None:
    if window is None:
        return True
    if fact.onset is None:
        return None
    start = start_of(window, on)
    if fact.onset.first >= start:
        return True
    return None if fact.onset.last >= start else False


def _settles(test: HasConcept, fact: Fact, on: date) -> bool:
    """Whether a fact that does not count shows that the concept is absent, rather than saying nothing."""
    if fact.status is FactStatus.ABSENT:
        held = test.absence_holds_for
        return held is None or (fact.recorded is not None and fact.recorded >= start_of(held, on))
    return test.resolved_settles


def _asked(audience: Audience, person: Person) -> bool:
    sex = person.sex()
    if audience.sexes and sex is not None and sex not in audience.sexes:
        return False
    return in_ages(person, audience) is not False


def _age(test: AgeIs, person: Person) -> Outcome:
    ages = person.ages()
    facts = tuple(person.about(BIRTH_DATE))
    if ages is None:
        return Outcome(None, facts, (BIRTH_DATE,))
    results = {OPERATORS[test.operator](age, test.value) for age in ages}
    return Outcome(results.pop(), facts) if len(results) == 1 else Outcome(None, facts, (BIRTH_DATE,))


def _parts(condition: AllOf | AnyOf | AtLeast, person: Person) -> list[Outcome]:
    return [evaluate(part, person) for part in condition.of]


def _all(condition: AllOf, person: Person) -> Outcome:
    parts = _parts(condition, person)
    if not_met := [part for part in parts if part.met is False]:
        return Outcome(False, _facts(not_met))
    unknown = [part for part in parts if part.met is None]
    return Outcome(None if unknown else True, _facts(parts), _asks(unknown))


def _any(condition: AnyOf, person: Person) -> Outcome:
    parts = _parts(condition, person)
    if met := [part for part in parts if part.met]:
        return Outcome(True, _facts(met))
    unknown = [part for part in parts if part.met is None]
    return Outcome(None if unknown else False, _facts(unknown or parts), _asks(unknown))


def _at_least(condition: AtLeast, person: Person) -> Outcome:
    parts = _parts(condition, person)
    met = [part for part in parts if part.met]
    unknown = [part for part in parts if part.met is None]
    if len(met) >= condition.count:
        return Outcome(True, _facts(met))
    if len(met) + len(unknown) >= condition.count:
        return Outcome(None, _facts([*met, *unknown]), _asks(unknown))
    return Outcome(False, _facts(parts))


def _not(condition: Not, person: Person) -> Outcome:
    inner = evaluate(condition.of, person)
    return Outcome(None if inner.met is None else not inner.met, inner.facts, inner.asks)


def _always(_condition: Always, _person: Person) -> Outcome:
    return Outcome(True)


def _facts(parts: list[Outcome]) -> tuple[Fact, ...]:
    return tuple(sorted({fact for part in parts for fact in part.facts}, key=order))


def _asks(parts: list[Outcome]) -> tuple[str, ...]:
    return tuple(sorted({concept for part in parts for concept in part.asks}))


# By the kind of condition; a test holds that every kind of the schema is here.
EVALUATORS: Final[Mapping[type[StrictModel], Callable[[Any, Person], Outcome]]] = {
    HasConcept: _has,
    Compares: compares,
    Recorded: recorded,
    Repeated: repeated,
    ClearanceIs: lacks_clearance,
    AgeIs: _age,
    AllOf: _all,
    AnyOf: _any,
    AtLeast: _at_least,
    Not: _not,
    Always: _always,
}
