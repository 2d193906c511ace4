"""When a score counts as baseline and as response endpoint: conventions, shown with the figures they yield."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Record

Days = Annotated[int, Field(ge=0)]


class CourseWindows(Record):
    """Days are differences of local dates."""

    baseline_at_most_days: Days  # before the first induction dose
    endpoint_days: Days  # after the last induction dose: the day to be nearest to
    endpoint_from_days: Days
    endpoint_until_days: Days

    @model_validator(mode="after")
    def _endpoint_in_its_window(self) -> Self:
        if not self.endpoint_from_days <= self.endpoint_days <= self.endpoint_until_days:
            raise ValueError("endpoint_days must lie in its window")
        return self
