"""A person as rules look at them: the facts by concept, on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from dateutil.relativedelta import relativedelta

from openkap.core.assessment.facts import Fact
from openkap.knowledge.schema.rule import Audience, Scope, Window

BIRTH_DATE = "birth-date"
SEX = "sex"
_CLEARANCE = "clearance:"  # no concept's id has a colon, so that an item may be called like a concept


@dataclass(frozen=True, slots=True)
class Outcome:
    """`met` is none when not known; then `asks` names the concepts whose answer would settle it."""

    met: bool | None
    facts: tuple[Fact, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Person:
    """The facts by concept, on a day. Age and sex are worked out once: most rules look at them."""

    facts: Mapping[str, Sequence[Fact]]
    on: date

    def about(self, concept: str) -> Sequence[Fact]:
        """The facts of a concept."""
        return self.facts.get(concept, ())

    def clearance(self, item: str) -> Sequence[Fact]:
        """What is said about the state of a clearance item."""
        return self.facts.get(clearance_key(item), ())

    def ages(self) -> tuple[int, int] | None:
        """The youngest and the oldest age in completed years that the date of birth allows; none if unknown."""
        return self._ages

    def sex(self) -> str | None:
        """Administrative sex, when it is recorded as female or male and in one way only."""
        return self._sex

    @cached_property
    def _ages(self) -> tuple[int, int] | None:
        born = {fact.onset for fact in self.about(BIRTH_DATE) if fact.onset is not None}
        if len(born) != 1:
            return None
        birth = born.pop()
        return relativedelta(self.on, birth.last).years, relativedelta(self.on, birth.first).years

    @cached_property
    def _sex(self) -> str | None:
        said = {fact.text for fact in self.about(SEX)}
        return said.pop() if len(said) == 1 and said <= {"female", "male"} else None


def clearance_key(item: str) -> str:
    """Under what the facts of a clearance item are kept."""
    return _CLEARANCE + item


def start_of(window: Window, on: date) -> date:
    """The first day of a window that ends on `on`."""
    if window.months is not None:
        return on - relativedelta(months=window.months)
    return on - timedelta(days=window.days or 0)


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
