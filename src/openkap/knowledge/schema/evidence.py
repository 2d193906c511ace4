"""Published figures: one number of one arm of one study, with all that is needed to say what it means."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Record, RecordId, StrictModel, Text
from openkap.knowledge.schema.values import Indication


class Endpoint(StrEnum):
    """What was counted. The definition behind the word stands beside it in `threshold`."""

    RESPONSE = "response"
    REMISSION = "remission"
    RELAPSE = "relapse"  # of those who had got better
    KEPT = "kept-response"  # of those who had got better
    WORSE = "worse"
    STOPPED = "stopped"
    SIDE_EFFECT = "side-effect"
    CLASS = "course-class"  # a group of people with a similar course
    FUNCTION = "better-function"
    PREDICTS = "predicts"  # how often an early sign is there in those who respond later
    TIME_TO_RELAPSE = "time-to-relapse"


class Design(StrEnum):
    """How the figure came about; decides how far it can be believed."""

    BLINDED = "randomised-blinded"
    RANDOMISED_OPEN = "randomised-open"
    OPEN = "open-label"
    ROUTINE = "routine-care"
    POOLED_TRIALS = "pooled-trials"
    POOLED_OPEN = "pooled-open"


class Control(StrEnum):
    """What a figure was measured against; kinds are never put in one picture as if they were the same."""

    PLACEBO = "placebo"
    ACTIVE_PLACEBO = "active-placebo"  # a drug that is felt but does not treat
    OTHER_TREATMENT = "other-treatment"
    USUAL_CARE = "usual-care"
    NONE = "none"


class Setting(StrEnum):
    """Where the people were treated."""

    OUTPATIENT = "outpatient"
    INPATIENT = "inpatient"
    MIXED = "mixed"


class Interval(StrictModel):
    """Where the true value lies with 95 % confidence, in the unit of the value."""

    low: float
    high: float
    derived: Literal["published", "wilson"]  # 'wilson': computed from the percentage and the number of people

    @model_validator(mode="after")
    def _in_order(self) -> "Interval":
        if self.low > self.high:
            raise ValueError("the lower end is above the upper")
        return self


class Stage(StrictModel):
    """How many adequate medicines had failed in the people studied, both ends included."""

    at_least: Annotated[int, Field(ge=0)]
    at_most: int | None = None

    def covers(self, failed: int) -> bool:
        """Whether people with so many failed medicines were studied."""
        return self.at_least <= failed and (self.at_most is None or failed <= self.at_most)


class Evidence(Record):
    """One published figure. `value` is a percentage, except for a time to relapse, which is in days."""

    study: str
    year: Annotated[int, Field(ge=1950, le=2100)]
    who: Text  # the people studied, in plain words
    indications: Annotated[tuple[Indication, ...], Field(min_length=1)]
    stage: Stage | None = None  # None: the source does not say
    ages: Stage | None = None  # in years; None: adults of all ages
    setting: Setting
    design: Design
    arm: Text
    control: Control
    control_arm: RecordId | None = None  # the same figure in the arm it was measured against
    n: Annotated[int, Field(ge=1)] | None = None
    n_of: Literal["arm", "study"] = "arm"
    measure: str
    threshold: Text  # the definition of the endpoint in the measure's terms; 'not stated' where it is not
    endpoint: Endpoint
    after_days: Annotated[float, Field(gt=0)] | None = None
    after: Text
    statistic: Literal["percent", "median-days"]
    value: float
    interval: Interval | None = None
    caveat: Text | None = None

    @model_validator(mode="after")
    def _value_fits(self) -> "Evidence":
        if self.statistic == "percent" and not 0 <= self.value <= 100:
            raise ValueError("a percentage lies from 0 to 100")
        if (self.statistic == "median-days") != (self.endpoint is Endpoint.TIME_TO_RELAPSE):
            raise ValueError("only a time to relapse is in days")
        if self.interval and not self.interval.low <= self.value <= self.interval.high:
            raise ValueError("the interval does not hold the value")
        return self

    @model_validator(mode="after")
    def _percent_interval_fits(self) -> "Evidence":
        if (
            self.statistic == "percent"
            and self.interval
            and not 0 <= self.interval.low <= self.interval.high <= 100
        ):
            raise ValueError("an interval of a percentage lies from 0 to 100")
        if self.interval and self.interval.derived == "wilson" and self.n is None:
            raise ValueError("an interval derived from the number of people needs that number")
        return self
