"""A criterion: the figure by which a score, or its change, is given a name.

One record per figure, because each has its own source and its own sign-off. A figure that claims something good
of a person (remission, reliable change) is `permissive`: unless read in a source it waits for sign-off.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Record, RecordId, StrictModel


class CriterionKind(StrEnum):
    CASENESS = "caseness"  # at or above: ill enough that response can be judged
    RESPONSE = "response"  # percentage by which the score fell
    REMISSION = "remission"  # at or below
    RELIABLE_CHANGE = "reliable-change"  # points, either way, beyond measurement error


class MeasurementError(StrictModel):
    """What reliable change is computed from when no figure is published: SD and r of one population."""

    sd: Annotated[float, Field(gt=0)]
    reliability: Annotated[float, Field(ge=0, lt=1)]
    kind_of_reliability: Literal["test-retest", "internal-consistency"]


class Criterion(Record):
    """`value` is points, or percent for response; reliable change has a value or a measurement error."""

    instrument: RecordId
    kind: CriterionKind
    value: Annotated[float, Field(gt=0)] | None = None
    measurement_error: MeasurementError | None = None

    @model_validator(mode="after")
    def _one_figure(self) -> Self:
        if (self.value is None) == (self.measurement_error is None):
            raise ValueError("give either value or measurement_error")
        if self.measurement_error is not None and self.kind is not CriterionKind.RELIABLE_CHANGE:
            raise ValueError("only reliable change has a measurement_error")
        return self
