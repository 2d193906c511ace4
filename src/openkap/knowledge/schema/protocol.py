"""Protocol records: which drug, how much, how often, what happens around each dose, and when to stop."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from openkap.errors import OpenkapError
from openkap.knowledge.schema.record import Authority, Record, RecordId, Source, StrictModel, Text, Verification
from openkap.units import Drug, Quantity, Route, format_span, parse_quantity, parse_span, same_dimension


def _span(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        return parse_span(text)
    except OpenkapError as error:
        raise ValueError(str(error)) from error


def _quantity(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        return parse_quantity(text)
    except OpenkapError as error:
        raise ValueError(str(error)) from error


Span = Annotated[timedelta, BeforeValidator(_span)]
Amount = Annotated[Quantity, BeforeValidator(_quantity)]
DoseNumbers = tuple[Annotated[int, Field(ge=1)], ...]


class VisitKind(StrEnum):
    """What a visit is for."""

    ASSESSMENT = "assessment"
    PREPARATION = "preparation"
    DOSING = "dosing"
    INTEGRATION = "integration"
    CHECK_IN = "check-in"


class Evidence(StrEnum):
    """How much is known about the schedule as a whole."""

    CONTROLLED = "controlled"
    UNCONTROLLED = "uncontrolled"
    NONE = "none"


class Basis(StrictModel):
    """One thing the protocol says, and what that rests on."""

    about: Literal["dose", "number", "spacing", "visits", "integration", "stop", "measures"]
    statement: Text
    source: Source
    verification: Verification
    authority: Authority


class DosePlan(StrictModel):
    """The dose as free base: `per_kg` of today's measured weight, or a `fixed` amount; `over` for an infusion.

    `steps` are the amounts a prescriber may choose later, `ceiling` what no step passes.
    """

    per_kg: Amount | None = None
    fixed: Amount | None = None
    over: Span | None = None
    steps: tuple[Amount, ...] = ()
    ceiling: Amount | None = None
    device: Amount | None = None
    devices_apart: Span | None = None

    @model_validator(mode="after")
    def _amounts_fit(self) -> "DosePlan":
        if (self.per_kg is None) == (self.fixed is None):
            raise ValueError("a dose is either per_kg or fixed")
        if self.per_kg is not None and not same_dimension(self.per_kg.unit, "mg/kg"):
            raise ValueError("per_kg is a mass per body weight, such as '0.5 mg/kg'")
        if self.fixed is not None and not same_dimension(self.fixed.unit, "mg"):
            raise ValueError("fixed is a mass, such as '56 mg'")
        return self

    @property
    def amount(self) -> Quantity:
        """The first dose as written: in mg/kg, or in mg."""
        amount = self.per_kg or self.fixed
        assert amount is not None  # noqa: S101  refused above
        return amount

    def __str__(self) -> str:
        return f"{self.amount} over {format_span(self.over)}" if self.over else str(self.amount)


class Phase(StrictModel):
    """A run of doses with one rhythm.

    At most `per_week` dosing days lie in any 7 consecutive local dates. From one dose to the next at least
    `least` passes; `prefer` is repeated as the rhythm; a gap beyond `most` is planned only for want of an
    open day, and says so.
    """

    name: Text
    doses: Annotated[int, Field(ge=1, le=60)]
    per_week: Annotated[int, Field(ge=1, le=7)]
    least: Span
    prefer: Annotated[tuple[Span, ...], Field(min_length=1)]
    most: Span

    @model_validator(mode="after")
    def _in_order(self) -> "Phase":
        if any(not self.least <= gap <= self.most for gap in self.prefer):
            raise ValueError("each preferred gap lies between least and most")
        if any(gap % timedelta(days=1) for gap in self.prefer):
            raise ValueError("preferred gaps are whole days")
        return self


class AroundVisit(StrictModel):
    """A visit that a dose brings with it. The three spans count from the dose (back, for `before`)."""

    id: RecordId
    kind: Literal[VisitKind.ASSESSMENT, VisitKind.PREPARATION, VisitKind.INTEGRATION, VisitKind.CHECK_IN]
    label: Text
    anchor: Literal["before-first-dose", "after-each-dose", "after-last-dose"]
    least: Span
    prefer: Span
    most: Span
    measures: tuple[RecordId, ...] = ()
    at_a_distance: bool = False  # by phone or video: may lie on a day the clinic is closed
    not_beside: tuple[VisitKind, ...] = ()  # left out where a visit of such a kind lies on the same day

    @model_validator(mode="after")
    def _in_order(self) -> "AroundVisit":
        if not self.least <= self.prefer <= self.most:
            raise ValueError("least, prefer and most must rise")
        return self


class DosingMeasures(StrictModel):
    """Measures due at the dosing visit before these doses (all, when `doses` is empty)."""

    measures: Annotated[tuple[RecordId, ...], Field(min_length=1)]
    doses: DoseNumbers = ()


class IntegrationWindow(StrictModel):
    """Until when after a dose an integration visit counts as inside the window of raised plasticity."""

    first_within: Span
    second_within: Span
    status: Literal["hypothesis", "established"]
    rests_on: Text
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    verification: Verification


class Protocol(Record):
    """A course of treatment as a record: compiled into a person's dated visits by `core.planning`."""

    authority: Authority
    evidence: Evidence
    evidence_note: Text
    indications: Annotated[tuple[RecordId, ...], Field(min_length=1)]
    drug: Drug
    route: Route
    dose: DosePlan
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    visits: tuple[AroundVisit, ...]
    dosing_measures: tuple[DosingMeasures, ...] = ()
    monitoring: RecordId  # the schedule of readings in the session
    integration_window: IntegrationWindow
    stop_rules: Annotated[tuple[Text, ...], Field(min_length=1)]
    basis: Annotated[tuple[Basis, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _visits_once(self) -> "Protocol":
        if len({visit.id for visit in self.visits}) != len(self.visits):
            raise ValueError("each visit around a dose has its own id")
        return self

    @model_validator(mode="after")
    def _no_surer_than_its_basis(self) -> "Protocol":
        if self.verification is Verification.SOURCE and any(
            part.verification is not Verification.SOURCE for part in self.basis
        ):
            raise ValueError("a protocol is not 'source' while a part of it is not")
        return self

    @model_validator(mode="after")
    def _doses_exist(self) -> "Protocol":
        named = {number for due in self.dosing_measures for number in due.doses}
        if any(number > self.dose_count for number in named):
            raise ValueError("dosing_measures names a dose that the phases do not have")
        return self

    @model_validator(mode="after")
    def _infusions_last(self) -> "Protocol":
        if self.route is Route.IV and self.dose.over is None:
            raise ValueError("an intravenous dose says over how long it runs")
        if self.drug is Drug.KETAMINE and self.route is Route.IN:
            raise ValueError("racemic nasal spray is refused")
        return self

    @property
    def dose_count(self) -> int:
        """Doses of all phases together."""
        return sum(phase.doses for phase in self.phases)

    def measures_at(self, dose_number: int) -> tuple[str, ...]:
        """Measures due at the dosing visit of that dose, each once."""
        due = [
            measure
            for row in self.dosing_measures
            if not row.doses or dose_number in row.doses
            for measure in row.measures
        ]
        return tuple(dict.fromkeys(due))
