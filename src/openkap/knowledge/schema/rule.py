"""A rule of assessment: what about a patient matters, whose word it is, and what follows."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Authority, Effect, Record, RecordId, StrictModel, Text
from openkap.knowledge.schema.values import Indication, Unit

Drug = Literal["ketamine", "esketamine"]
Route = Literal["iv", "im", "sc", "sl", "buccal", "po", "in"]
Operator = Literal["<", "<=", ">", ">=", "="]


class Action(StrEnum):
    """What a rule that is met does, strictest first."""

    BLOCK = "block"
    HOLD = "hold"
    WARN = "warn"
    TASK = "task"
    INFORM = "inform"


class Scope(StrictModel):
    """For whom and what the rule is at all; empty means any. Ages in completed years."""

    drugs: tuple[Drug, ...] = ()
    routes: tuple[Route, ...] = ()
    indications: tuple[Indication, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    min_age: int | None = None
    max_age: int | None = None
    sexes: tuple[Literal["female", "male"], ...] = ()


class Window(StrictModel):
    """A span back from the day of assessment; months are calendar months."""

    months: Annotated[int, Field(ge=1)] | None = None
    days: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.months is None) == (self.days is None):
            raise ValueError("give either months or days")
        return self


class Audience(StrictModel):
    """Whom a question is put to; for others silence is absence. Unknown sex or age is asked."""

    sexes: tuple[Literal["female", "male"], ...] = ()
    min_age: int | None = None
    max_age: int | None = None


class HasConcept(StrictModel):
    """Met when the chart, or an answer, has the concept.

    `status`: `active` counts what is active now, `ever` also what is over. `within`: it began in that window.
    `if_not_recorded`: `ask` when an empty chart proves nothing (of the `asked_of`); `no` when silence may be
    taken as absence. `resolved_settles` is false where an earlier, finished one says nothing about today (a
    pregnancy). `absence_holds_for`: an older 'no' has to be asked again. `lasts_at_most`: an entry that began
    longer ago is over, though nobody closed it.
    """

    test: Literal["concept"]
    concept: RecordId
    status: Literal["active", "ever"]
    within: Window | None = None
    if_not_recorded: Literal["ask", "no"]
    asked_of: Audience = Audience()
    resolved_settles: bool = True
    absence_holds_for: Window | None = None
    lasts_at_most: Window | None = None


class Compares(StrictModel):
    """Met when the newest value of an observation, not older than `no_older_than`, compares so.

    `readings`: so many of the newest values must all compare so; when fewer were taken and all do, it is not
    known and another is asked for. `if_not_recorded`: `ask`, or `no` where a missing value proves nothing.
    """

    test: Literal["value"]
    observation: RecordId
    operator: Operator
    value: float
    unit: Unit
    no_older_than: Window
    readings: Annotated[int, Field(ge=1)] = 1
    if_not_recorded: Literal["ask", "no"] = "ask"


class Recorded(StrictModel):
    """Met when anything about the concept is on record, whatever it says; ever, or `no_older_than`."""

    test: Literal["recorded"]
    concept: RecordId
    no_older_than: Window | None = None


class Repeated(StrictModel):
    """Met when the concept was noted as present on at least so many different days within the window."""

    test: Literal["repeated"]
    concept: RecordId
    on_days: Annotated[int, Field(ge=2)]
    within: Window


class ClearanceIs(StrictModel):
    """Met when the result an item of medical clearance asks for is missing or has expired.

    How long a result holds stands in the item's own record. An item nobody has looked for counts as missing.
    """

    test: Literal["clearance"]
    item: RecordId
    state: Literal["missing-or-expired"]


class AgeIs(StrictModel):
    """Met when the age in completed years compares so."""

    test: Literal["age"]
    operator: Operator
    value: int
    unit: Literal["a"]


class AllOf(StrictModel):
    test: Literal["all"]
    of: Annotated[tuple["Condition", ...], Field(min_length=2)]


class AnyOf(StrictModel):
    test: Literal["any"]
    of: Annotated[tuple["Condition", ...], Field(min_length=2)]


class AtLeast(StrictModel):
    """Met when so many of the parts are met."""

    test: Literal["at-least"]
    count: Annotated[int, Field(ge=2)]
    of: Annotated[tuple["Condition", ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.count > len(self.of):
            raise ValueError("there are fewer parts than must be met")
        return self


class Not(StrictModel):
    test: Literal["not"]
    of: "Condition"


class Always(StrictModel):
    """Met for everyone in scope: what a source says of the treatment itself."""

    test: Literal["always"]


Condition = Annotated[
    HasConcept | Compares | AgeIs | Recorded | Repeated | ClearanceIs | AllOf | AnyOf | AtLeast | Not | Always,
    Field(discriminator="test"),
]


class Override(StrictModel):
    """Who may set the finding aside, for at most how long; always with a written reason."""

    roles: Annotated[tuple[Literal["prescriber", "medical-director"], ...], Field(min_length=1)]
    expires_after_days: Annotated[int, Field(ge=1)]


class ExampleFact(StrictModel):
    """A fact of an example: an entry by concept, a value with its unit, or the state of a clearance item."""

    concept: RecordId | None = None
    clearance: RecordId | None = None
    status: Literal["active", "resolved", "absent", "unknown"] = "active"
    onset: str | None = None
    value: str | None = None
    on: date | None = None

    @model_validator(mode="after")
    def _about_one_thing(self) -> Self:
        if (self.concept is None) == (self.clearance is None):
            raise ValueError("give either concept or clearance")
        return self


class RuleExample(StrictModel):
    """A person, and what the rule makes of them."""

    name: str
    facts: tuple[ExampleFact, ...] = ()
    on: date = date(2026, 11, 21)
    born: date | None = date(1980, 1, 1)
    sex: Literal["female", "male"] | None = "female"
    drug: Drug = "ketamine"
    route: Route = "iv"
    indication: Indication | None = None  # by default the first of the rule's scope, or trd
    jurisdiction: str | None = None
    expect: Literal["met", "not-met", "unknown", "inapplicable"]


class Rule(Record):
    """One statement of one source. Statements that conflict stay side by side as records of their own."""

    READ_LATER: ClassVar[str | None] = "examples"

    scope: Scope = Scope()
    when: Condition
    action: Action
    reason: Text
    authority: Authority
    contraindication: bool = False  # the label itself says contraindicated
    override: Override | None = None
    next_step: Text | None = None
    examples: tuple[RuleExample, ...] = ()  # read by `loader.read_whole` only

    @model_validator(mode="after")
    def _effect_fits(self) -> Self:
        restricts = self.action in {Action.BLOCK, Action.HOLD}
        if restricts != (self.effect is Effect.RESTRICTIVE):
            raise ValueError("block and hold are restrictive; other actions are not")
        return self

    @model_validator(mode="after")
    def _no_override_of_contraindications(self) -> Self:
        if self.contraindication and (self.authority is not Authority.LABEL or self.override is not None):
            raise ValueError("a contraindication is a label's, and nobody overrides it")
        return self

    @model_validator(mode="after")
    def _examples_cover(self) -> Self:
        if not self.examples:
            return self
        wanted = {"met", "inapplicable" if isinstance(self.when, Always) else "not-met"}
        if not wanted <= {example.expect for example in self.examples}:
            raise ValueError(f"examples must show the rule {' and '.join(sorted(wanted))}")
        return self
