"""What every knowledge record carries, whatever it is about."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

RecordId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class StrictModel(BaseModel):
    """Frozen; an unknown key is an error, and so is a value of another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Verification(StrEnum):
    """What was actually read (DEFINITIONS: Knowledge and rules)."""

    SOURCE = "source"  # the paper, label or regulator's page itself
    SECONDARY = "secondary"  # a page or transcription that restates it
    MEMORY = "memory"  # not read
    CONVENTION = "convention"  # practice; no source claimed


class Authority(StrEnum):
    """Whose word a rule is; decides what it may do."""

    LABEL = "label"
    GUIDELINE = "guideline"
    TRIAL_EXCLUSION = "trial-exclusion"
    SERVICE_POLICY = "service-policy"
    CONVENTION = "convention"


class Effect(StrEnum):
    """What the record does to care; decides what happens before its sign-off."""

    RESTRICTIVE = "restrictive"  # fails closed: 'needs: site decision'
    PERMISSIVE = "permissive"  # inactive until signed off
    NEUTRAL = "neutral"  # states facts; usable as labelled


class Source(StrictModel):
    """Where it stands. `locator` is the page, table, section or line one would open."""

    citation: str
    locator: str
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None


class Text(StrictModel):
    """Words for people, by language. English is always there."""

    en: str
    es: str | None = None

    def __str__(self) -> str:
        return self.en


class Record(StrictModel):
    """A knowledge record: one fact of the field, in one file, with where it comes from.

    `READ_LATER` names the last key of the file where only tests and authors read it: most of the time to read a
    rule would go into its examples.
    """

    READ_LATER: ClassVar[str | None] = None

    id: RecordId
    title: Text
    version: Annotated[int, Field(ge=1)]
    effective_from: date
    effective_until: date | None = None
    population: str
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    licence: str
    verification: Verification
    effect: Effect
    authored_by: str
    reviewed_by: str | None = None
    next_review_on: date
    notes: str = ""

    @model_validator(mode="after")
    def _dates_in_order(self) -> "Record":
        if self.effective_until is not None and self.effective_until <= self.effective_from:
            raise ValueError("effective_until must come after effective_from")
        return self

    @model_validator(mode="after")
    def _reviewed_by_another(self) -> "Record":
        if self.reviewed_by is not None and self.reviewed_by == self.authored_by:
            raise ValueError("a record is reviewed by someone other than its author")
        return self

    @property
    def needs_sign_off(self) -> bool:
        """Whether the medical director must decide before this record may act."""
        return self.effect is not Effect.NEUTRAL and self.verification is not Verification.SOURCE
