"""What makes a treatment tried count as failed, and how many failures a definition asks for.

Published definitions differ, so each is a record of its own and every history is judged by all of them. One of
those that name a number of failures is the programme's own: the default, or what the site adopted instead.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Authority, Record, StrictModel, Text

Percent = Annotated[float, Field(gt=0, le=100)]
Weeks = Annotated[float, Field(gt=0)]
Answer = Literal["yes", "no", "unknown"]
TrialOutcome = Literal[
    "failed",
    "partial",
    "responded",
    "too-short",
    "dose-too-low",
    "not-taken",
    "earlier-spell",
    "not-counted",
    "undecided",
]


class ExampleTrial(StrictModel):
    """A treatment tried, and what the definition makes of it; what is not said is usual and adequate."""

    name: str
    kind: Literal["drug", "psychotherapy", "ect", "tms", "ketamine"] = "drug"
    augmentation: bool = False
    spell: Literal["present", "earlier", "unknown"] = "present"
    weeks: float | None = 12
    percent_better: float | None = 10
    dose_adequate: Answer = "yes"
    taken_as_agreed: Answer = "yes"
    no_response_clear: Answer = "unknown"
    expect: TrialOutcome


class FailureDefinition(Record):
    """When a trial counts as failed.

    `failure_below_percent`: improvement below it is failure; from there to `partial_below_percent` it is called
    partial. `least_weeks` at an adequate dose; of a range in the source the longer end acts, and the
    shorter is told in `looser_weeks`. `stopped_early`: what a shorter trial is whose failure was already clear.
    `spells`: which spells of illness count. `failures_needed`: of different medicines, for a definition of
    resistance; none where the record only says what a staging method counts.
    """

    short: Text
    failure_below_percent: Percent
    partial_below_percent: Percent | None = None
    least_weeks: Weeks
    looser_weeks: Weeks | None = None
    stopped_early: Literal["never-failed", "failed-if-clear"]
    spells: Literal["present", "any"]
    kinds: Annotated[tuple[Literal["drug", "psychotherapy"], ...], Field(min_length=1)]
    failures_needed: Annotated[int, Field(ge=1)] | None = None
    is_choice: bool = False  # a site may adopt it as its own
    is_default: bool = False  # the programme's own until the site chooses
    authority: Authority
    examples: Annotated[tuple[ExampleTrial, ...], Field(min_length=3)]

    @model_validator(mode="after")
    def _can_be_chosen(self) -> Self:
        if self.is_choice and self.failures_needed is None:
            raise ValueError("a definition to choose names the number of failures")
        if self.is_default and not self.is_choice:
            raise ValueError("the default is one of those to choose from")
        return self

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.partial_below_percent is not None and self.partial_below_percent <= self.failure_below_percent:
            raise ValueError("partial_below_percent must be above failure_below_percent")
        if self.looser_weeks is not None and self.looser_weeks >= self.least_weeks:
            raise ValueError("looser_weeks is the shorter end of the range")
        return self

    @model_validator(mode="after")
    def _examples_cover(self) -> Self:
        seen = {example.expect for example in self.examples}
        if "failed" not in seen or not seen - {"failed", "undecided"} or "undecided" not in seen:
            raise ValueError("examples must show a failure, a trial that is none, and one that is undecided")
        return self
