"""A value that staff may enter into a chart by hand: its code, its unit, and guards against slips."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Record, Text
from openkap.knowledge.schema.values import LoincCode, Unit


class ChartEntry(Record):
    """`least` and `most` catch slips of the finger; they are no reference ranges. `title` labels the field.

    `loinc` is '' for what a clinician judges and LOINC has no code for: its value is known by `display`.
    """

    loinc: LoincCode | Literal[""] = ""
    display: str  # LOINC's own short name, or the words of a concept map; kept with the value
    hint: Text | None = None
    category: Literal["vital-signs", "laboratory", "exam"]
    unit: Unit
    unit_shown: str
    least: Decimal
    most: Decimal
    step: Annotated[Decimal, Field(gt=0)]
    pair: str | None = None  # entered only together with this other entry
    panel: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least >= self.most:
            raise ValueError("least must be below most")
        return self
