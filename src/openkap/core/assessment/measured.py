"""Tests of values and of what is on record: readings, what was noted repeatedly, medical clearance."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import eq, ge, gt, le, lt
from typing import Any, Final

from openkap.core.assessment.concepts import order
from openkap.core.assessment.facts import Fact, FactStatus
from openkap.core.assessment.person import Outcome, Person, start_of
from openkap.knowledge.schema.rule import ClearanceIs, Compares, Operator, Recorded, Repeated, Window
from openkap.units import BadUnit, Quantity

OPERATORS: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = {
    "<": lt, "<=": le, ">": gt, ">=": ge, "=": eq,
}  # fmt: skip


def compares(test: Compares, person: Person) -> Outcome:
    """The newest value against the limit; with `readings`, so many of the newest."""
    facts = _newest(_dated(person.about(test.observation), test.no_older_than, person.on), test.readings)
    outcomes = [(_compare(fact.value, test), fact) for fact in facts]
    met = tuple(sorted((fact for result, fact in outcomes if result), key=order))
    below = tuple(sorted((fact for result, fact in outcomes if result is False), key=order))
    if test.readings > 1:
        return _of_series(test, met, below, len(facts))
    if met:
        return Outcome(True, met)
    if not facts and test.if_not_recorded == "no":
        return Outcome(False)
    if not facts or len(below) < len(facts):
        return Outcome(None, tuple(sorted(facts, key=order)), (test.observation,))
    return Outcome(False, below)


def _of_series(test: Compares, met: tuple[Fact, ...], below: tuple[Fact, ...], taken: int) -> Outcome:
    """One value on the right side ends it; too few values, or one that cannot be read, leave it open."""
    if below or (taken == 0 and test.if_not_recorded == "no"):
        return Outcome(False, below)
    if len(met) < max(taken, test.readings):
        return Outcome(None, met, (test.observation,))
    return Outcome(True, met)


def _dated(facts: Sequence[Fact], window: Window, on: date) -> list[tuple[date, Fact]]:
    since = start_of(window, on)
    return [(f.recorded, f) for f in facts if f.recorded is not None and since <= f.recorded <= on]


def _newest(dated: Sequence[tuple[date, Fact]], count: int) -> list[Fact]:
    """The facts of the newest days, of so many days as it takes to have `count` of them.

    Facts carry days, not hours, so those of one day cannot be told apart by age and all of them count.
    """
    days = sorted((day for day, _fact in dated), reverse=True)
    if not days:
        return []
    oldest = days[min(count, len(days)) - 1]
    return [fact for day, fact in dated if day >= oldest]


def _compare(value: Quantity | None, test: Compares) -> bool | None:
    if value is None:
        return None
    try:
        return OPERATORS[test.operator](value, Quantity.of(test.value, test.unit))
    except BadUnit:
        return None  # a value in a unit that cannot be compared is not known


def recorded(test: Recorded, person: Person) -> Outcome:
    """Whether anything is on record about the concept."""
    facts = person.about(test.concept)
    if test.no_older_than is not None:
        facts = [fact for _day, fact in _dated(facts, test.no_older_than, person.on)]
    return Outcome(bool(facts), tuple(sorted(facts, key=order)))


def repeated(test: Repeated, person: Person) -> Outcome:
    """On how many days it was noted; a day on which it is not known whether it was leaves it open."""
    dated = _dated(person.about(test.concept), test.within, person.on)
    present = {day for day, fact in dated if fact.status is FactStatus.ACTIVE}
    possible = {day for day, fact in dated if fact.status is FactStatus.UNKNOWN} | present
    facts = tuple(sorted((fact for day, fact in dated if day in possible), key=order))
    if len(present) >= test.on_days:
        return Outcome(True, tuple(fact for fact in facts if fact.status is FactStatus.ACTIVE))
    if len(possible) >= test.on_days:
        return Outcome(None, facts, (test.concept,))
    return Outcome(False, facts)


def lacks_clearance(test: ClearanceIs, person: Person) -> Outcome:
    """Whether the result is missing or has expired. Two statements that differ: the worse counts."""
    facts = tuple(sorted(person.clearance(test.item), key=order))
    statuses = {fact.status for fact in facts}
    if not facts or statuses & {FactStatus.ABSENT, FactStatus.RESOLVED}:
        return Outcome(True, facts)
    return Outcome(None if FactStatus.UNKNOWN in statuses else False, facts)
