"""Evaluating a rule's condition on facts, in three values: met, not met, not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import assert_never

from dateutil.relativedelta import relativedelta

from openkap.core.assessment.concepts import order
from openkap.core.assessment.facts import Fact, FactKind, FactStatus
from openkap.knowledge.schema.rule import (
    AgeIs,
    AllOf,
    AnyOf,
    Audience,
    Compares,
    Condition,
    HasConcept,
    Not,
    Operator,
    Scope,
    Window,
)
from openkap.units import BadUnit, Quantity

BIRTH_DATE = "birth-date"
SEX = "sex"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`met` is none when not known; then `asks` names the concepts whose answer would settle it."""

    met: bool | None
    facts: tuple[Fact, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """The facts by concept, on a day."""

    facts: Mapping[str, Sequence[Fact]]
    on: date

    def about(self, concept: str) -> Sequence[Fact]:
        """The facts of a concept."""
        return self.facts.get(concept, ())

    def ages(self) -> tuple[int, int] | None:
        """The youngest and the oldest age in completed years that the date of birth allows; none if unknown."""
        born = {fact.onset for fact in self.about(BIRTH_DATE) if fact.onset is not None}
        if len(born) != 1:
            return None
        birth = born.pop()
        return relativedelta(self.on, birth.last).years, relativedelta(self.on, birth.first).years

    def sex(self) -> str | None:
        """Administrative sex, when it is recorded as female or male and in one way only."""
        said = {fact.text for fact in self.about(SEX)}
        return said.pop() if len(said) == 1 and said <= {"female", "male"} else None


def evaluate(condition: Condition, person: Person) -> Outcome:
    """What the condition is on this person."""
    match condition:
        case HasConcept():
            return _has(condition, person)
        case Compares():
            return _compares(condition, person)
        case AgeIs():
            return _age(condition, person)
        case AllOf():
            return _all([evaluate(part, person) for part in condition.of])
        case AnyOf():
            return _any([evaluate(part, person) for part in condition.of])
        case Not():
            inner = evaluate(condition.of, person)
            return Outcome(None if inner.met is None else not inner.met, inner.facts, inner.asks)
        case _:
            assert_never(condition)


def in_ages(person: Person, scope: Scope | Audience) -> bool | None:
    """Whether the age lies within a scope's; none when the date of birth leaves it open."""
    if scope.min_age is None and scope.max_age is None:
        return True
    ages = person.ages()
    if ages is None:
        return None
    youngest, oldest = ages
    within = [_within_ages(age, scope) for age in (youngest, oldest)]
    return within[0] if within[0] == within[1] else None


def _within_ages(age: int, scope: Scope | Audience) -> bool:
    return (scope.min_age is None or age >= scope.min_age) and (scope.max_age is None or age <= scope.max_age)


def start_of(window: Window, on: date) -> date:
    """The first day of a window that ends on `on`."""
    if window.months is not None:
        return on - relativedelta(months=window.months)
    return on - timedelta(days=window.days or 0)


def _has(test: HasConcept, person: Person) -> Outcome:
    facts = _current(person.about(test.concept))
    outcomes = [(_counts(test, fact, person.on), fact) for fact in facts]
    if met := [fact for counted, fact in outcomes if counted]:
        return Outcome(True, tuple(sorted(met, key=order)))
    if unclear := [fact for counted, fact in outcomes if counted is None]:
        return Outcome(None, tuple(sorted(unclear, key=order)), (test.concept,))
    settling = tuple(sorted((fact for fact in facts if _settles(test, fact, person.on)), key=order))
    if settling or test.if_not_recorded == "no" or not _asked(test.asked_of, person):
        return Outcome(False, settling)
    return Outcome(None, (), (test.concept,))


def _current(facts: Sequence[Fact]) -> list[Fact]:
    """Of answers the newest (all of them when two were given on that day); of entries all."""
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


def _compares(test: Compares, person: Person) -> Outcome:
    since = start_of(test.no_older_than, person.on)
    measured = [
        (fact.recorded, fact)
        for fact in person.about(test.observation)
        if fact.recorded is not None and since <= fact.recorded <= person.on
    ]
    newest = max((day for day, _fact in measured), default=None)
    facts = sorted((fact for day, fact in measured if day == newest), key=order)
    outcomes = [(_compare(fact.value, test), fact) for fact in facts]
    if met := tuple(fact for result, fact in outcomes if result):
        return Outcome(True, met)
    if not facts or any(result is None for result, _fact in outcomes):
        return Outcome(None, tuple(facts), (test.observation,))
    return Outcome(False, tuple(facts))


def _compare(value: Quantity | None, test: Compares) -> bool | None:
    if value is None:
        return None
    try:
        return _holds(value, test.operator, Quantity.of(test.value, test.unit))
    except BadUnit:
        return None  # a value in a unit that cannot be compared is not known


def _holds(left: Quantity | int, operator: Operator, right: Quantity | int) -> bool:
    match operator:
        case "<":
            return left < right  # type: ignore[operator]
        case "<=":
            return left <= right  # type: ignore[operator]
        case ">":
            return left > right  # type: ignore[operator]
        case ">=":
            return left >= right  # type: ignore[operator]
        case "=":
            return left == right
        case _:
            assert_never(operator)


def _age(test: AgeIs, person: Person) -> Outcome:
    ages = person.ages()
    facts = tuple(person.about(BIRTH_DATE))
    if ages is None:
        return Outcome(None, facts, (BIRTH_DATE,))
    results = {_holds(age, test.operator, test.value) for age in ages}
    return Outcome(results.pop(), facts) if len(results) == 1 else Outcome(None, facts, (BIRTH_DATE,))


def _all(parts: list[Outcome]) -> Outcome:
    if any(part.met is False for part in parts):
        return Outcome(False, _facts([part for part in parts if part.met is False]))
    unknown = [part for part in parts if part.met is None]
    return Outcome(None if unknown else True, _facts(parts), _asks(unknown))


def _any(parts: list[Outcome]) -> Outcome:
    if met := [part for part in parts if part.met]:
        return Outcome(True, _facts(met))
    unknown = [part for part in parts if part.met is None]
    return Outcome(None if unknown else False, _facts(unknown or parts), _asks(unknown))


def _facts(parts: list[Outcome]) -> tuple[Fact, ...]:
    return tuple(sorted({fact for part in parts for fact in part.facts}, key=order))


def _asks(parts: list[Outcome]) -> tuple[str, ...]:
    return tuple(sorted({concept for part in parts for concept in part.asks}))
