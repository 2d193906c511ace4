"""Which way of working suits whom: markers, what they speak for, and what asks for care. A hypothesis."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Record, RecordId, StrictModel, Text
from openkap.knowledge.schema.values import Cited, ItemId

Weight = Annotated[float, Field(gt=0, le=3)]


class FromMeasure(StrictModel):
    """Items of a questionnaire that hint at a marker: their mean share of the highest answer, times ten."""

    instrument: RecordId
    items: Annotated[tuple[str, ...], Field(min_length=1)]
    highest: Annotated[int, Field(ge=1)]


class Marker(StrictModel):
    """Something about a person that speaks for a method, rated 0 to 10."""

    id: ItemId
    name: Text
    question: Text
    axis: Literal["cognitive", "somatic", "avoidant"] | None = None
    hints: tuple[FromMeasure, ...] = ()


class Reason(StrictModel):
    """How much a marker speaks for a method, and why."""

    marker: ItemId
    weight: Weight
    because: Text


class Caution(Cited):
    """What asks for care before a method is used: a concept of the chart, or, without one, for everyone."""

    concept: RecordId | None = None
    words: Text


class Suits(StrictModel):
    """One method with its reasons. Weights are above zero: more of a marker never speaks against."""

    method: RecordId
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1)]
    cautions: tuple[Caution, ...] = ()


class MethodMatch(Record):
    """The whole table of markers, methods and cautions."""

    markers: Annotated[tuple[Marker, ...], Field(min_length=1)]
    methods: Annotated[tuple[Suits, ...], Field(min_length=1)]
    enough: Annotated[float, Field(gt=0, le=10)]  # from here on a method 'fits'; below, it 'may fit'
    enough_known: Annotated[float, Field(gt=0, le=1)]  # share of a method's weight that must be known to tell
    evidence_note: Text

    @model_validator(mode="after")
    def _names_fit(self) -> "MethodMatch":
        known = [marker.id for marker in self.markers]
        if len(set(known)) != len(known):
            raise ValueError("a marker is named twice")
        used = [(one.method, reason.marker) for one in self.methods for reason in one.reasons]
        if {marker for _method, marker in used} != set(known):
            raise ValueError("every marker speaks for a method, and every reason names a marker")
        if len(set(used)) != len(used):
            raise ValueError("a method names a marker twice")
        return self
