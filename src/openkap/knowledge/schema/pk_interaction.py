"""What else somebody takes, or how somebody is: published ratios of exposure, and what they do to a model."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.pk_model import Evidence, Name, Positive
from openkap.knowledge.schema.record import Effect, Record, RecordId, StrictModel, Text, Verification
from openkap.units.dose import Drug, Route


class InteractionKind(StrEnum):
    """What it is that changes the exposure."""

    MEDICINE = "medicine"
    FOOD = "food"
    PERSON = "person"  # how somebody is: sex, a variant of an enzyme


class PublishedRatio(StrictModel):
    """How many times the value without it, by one route; 1 is no change. What was not read is left out."""

    route: Route
    auc: Positive | None = None
    cmax: Positive | None = None
    half_life: Positive | None = None
    clearance: Positive | None = None
    evidence: Evidence

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(ratio is None for ratio in (self.auc, self.cmax, self.half_life, self.clearance)):
            raise ValueError("a published ratio names at least one figure")
        return self


class Change(StrictModel):
    """What the published ratio does to one model by these routes: parameters times `factors`.

    `at_most` caps a parameter that cannot exceed a bound, such as a fraction of the dose. `basis` says how the
    factors follow from the ratio.
    """

    model: RecordId
    routes: Annotated[tuple[Route, ...], Field(min_length=1)]
    factors: Annotated[dict[Name, Positive], Field(min_length=1)]
    at_most: dict[Name, Positive] = {}
    basis: str

    @model_validator(mode="after")
    def _caps_what_it_changes(self) -> Self:
        if set(self.at_most) - set(self.factors):
            raise ValueError("at_most caps only what factors change")
        return self


class PkInteraction(Record):
    """One agent's published effect by the routes it was studied on. Other routes stay unknown.

    `words` are regular expressions for medicines in a chart. One that is not `by_default` is applied only where
    a person asks for it: sources conflict, or the chart does not say it.
    """

    kind: InteractionKind
    agent: RecordId  # records of the same agent share it
    name: Text
    words: tuple[str, ...] = ()
    concept: RecordId | None = None  # the wider group; its other members have no figure
    by_default: bool = True
    drugs: Annotated[tuple[Drug, ...], Field(min_length=1)]
    published: Annotated[tuple[PublishedRatio, ...], Field(min_length=1)]
    changes: tuple[Change, ...] = ()

    @model_validator(mode="after")
    def _changes_what_was_published(self) -> Self:
        routes = {ratio.route for ratio in self.published}
        if any(set(change.routes) - routes for change in self.changes):
            raise ValueError("a change is of routes with a published ratio")
        if any(ratio.evidence.source >= len(self.sources) for ratio in self.published):
            raise ValueError("evidence counts past the end of 'sources'")
        return self

    @model_validator(mode="after")
    def _memory_waits(self) -> Self:
        read = {ratio.evidence.verification for ratio in self.published} | {self.verification}
        if Verification.MEMORY in read and self.effect is Effect.NEUTRAL:
            raise ValueError("a figure from memory waits for sign-off, so that the record is not neutral")
        return self
