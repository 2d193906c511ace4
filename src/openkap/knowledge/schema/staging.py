"""How far a history of treatment has gone: staging methods, each with its parts and what they are called."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.instrument import Band, Range
from openkap.knowledge.schema.record import Record, RecordId, Source, StrictModel, Text, Verification
from openkap.knowledge.schema.values import ItemId

Score = Annotated[int, Field(ge=0)]


class UpTo(StrictModel):
    """A category for everything up to `at_most`, above the one before it; the last has no limit."""

    at_most: int | None
    label: Text
    score: Score


class Severity(StrictModel):
    """A degree of severity a clinician chooses."""

    id: ItemId
    label: Text
    score: Score


class UsedOrNot(StrictModel):
    """What it adds to the sum."""

    not_used: Score
    used: Score


class CutOff(StrictModel):
    """A figure someone used to tell resistant from not; shown, and nothing acts on it."""

    at_least: float
    source: Source
    verification: Verification


class Maudsley(StrictModel):
    """A sum over five dimensions. Durations are in begun months of the present spell.

    `failure_by`: the `adequacy` record that says which medicines count as failed.
    """

    duration: Annotated[tuple[UpTo, ...], Field(min_length=2)]
    severity: Annotated[tuple[Severity, ...], Field(min_length=2)]
    failures: Annotated[tuple[UpTo, ...], Field(min_length=2)]
    augmentation: UsedOrNot
    ect: UsedOrNot
    range: Range
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    failure_by: RecordId
    cut_offs: tuple[CutOff, ...] = ()

    @model_validator(mode="after")
    def _limits_rise(self) -> Self:
        for parts in (self.duration, self.failures):
            limits = [part.at_most for part in parts]
            if limits[-1] is not None or None in limits[:-1]:
                raise ValueError("the last category, and no other, is without limit")
            if limits[:-1] != sorted({limit for limit in limits if limit is not None}):
                raise ValueError("limits must rise")
        return self

    @model_validator(mode="after")
    def _parts_fill_the_range(self) -> Self:
        scores = (
            [part.score for part in self.duration],
            [part.score for part in self.severity],
            [part.score for part in self.failures],
            [self.augmentation.not_used, self.augmentation.used],
            [self.ect.not_used, self.ect.used],
        )
        reach = Range(lowest=sum(map(min, scores)), highest=sum(map(max, scores)))
        if reach != self.range:
            raise ValueError("the range is not what the dimensions can add up to")
        edges = [band.at_least for band in self.bands]
        if edges != sorted(set(edges)) or edges[0] != self.range.lowest or edges[-1] > self.range.highest:
            raise ValueError("bands must rise and cover the range from its lowest sum")
        return self


class LadderStage(StrictModel):
    """One stage; it is reached when this and every stage before it is."""

    id: str
    label: Text
    classes_failed: Annotated[int, Field(ge=0)] = 0
    class_failed: str | None = None
    bilateral_ect_failed: bool = False


class ThaseRush(StrictModel):
    """A ladder of stages by the classes of medicines that failed; the first stage is 'none failed'."""

    stages: Annotated[tuple[LadderStage, ...], Field(min_length=2)]
    limits: Text


class AnxietyRule(StrictModel):
    """So many first-line medicines, and so many full courses of a psychotherapy, without enough benefit."""

    first_line: Annotated[tuple[str, ...], Field(min_length=1)]
    drug_trials: Annotated[int, Field(ge=1)]
    failure_by: RecordId
    psychotherapies: Annotated[tuple[str, ...], Field(min_length=1)]
    full_courses: Annotated[int, Field(ge=1)]


class Staging(Record):
    """One method; exactly one of the three parts."""

    applies_to: Literal["depression", "anxiety"]
    short: Text
    maudsley: Maudsley | None = None
    thase_rush: ThaseRush | None = None
    anxiety: AnxietyRule | None = None

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        if sum(part is not None for part in (self.maudsley, self.thase_rush, self.anxiety)) != 1:
            raise ValueError("give exactly one of maudsley, thase_rush, anxiety")
        return self
