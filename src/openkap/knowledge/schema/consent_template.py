"""Consent texts in sections, and the conventions a signature keeps to."""

import re
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Record, RecordId, Source, StrictModel, Text, Verification
from openkap.units import Drug, Route

BLANK = re.compile(r"\{([a-z_]+)\}")
FIGURE = re.compile(r"\d+(?:[.,]\d+)?")


class Element(StrEnum):
    """What a person must have been told before they can agree (clinical reference, 'Consent elements')."""

    REGULATORY_STATUS = "regulatory-status"
    HOW_GIVEN = "how-given"
    ALTERNATIVES = "alternatives"
    SHORT_LIVED = "short-lived-benefit"
    RELAPSE = "relapse"
    LONG_TERM = "unknown-long-term-safety"
    DISSOCIATION = "dissociation"
    SEDATION = "sedation"
    BREATHING = "respiratory-depression"
    BLOOD_PRESSURE = "blood-pressure"
    NAUSEA = "nausea"
    COGNITION = "cognition"
    DRIVING = "driving"
    ESCORT = "escort"
    BLADDER = "bladder"
    LIVER = "liver"
    MISUSE = "misuse-and-dependence"
    PREGNANCY = "pregnancy"
    SUICIDALITY = "suicidality"
    YOUNG_ADULTS = "young-adults-warning"
    MONITORING = "monitoring"
    TOUCH = "touch-and-boundaries"
    RECORDING = "recording"
    PRIVACY = "privacy"
    WHO_IS_PRESENT = "who-is-present"
    STOP = "stop-at-any-time"
    COST = "cost"
    EMERGENCY = "emergency-plan"
    THERAPY_EVIDENCE = "therapy-evidence"
    SCHEDULE = "schedule-beyond-evidence"
    MAINTENANCE = "maintenance-choices"


class Blank(StrEnum):
    """What only the site can say; written {so} in a text."""

    PRICE = "price"
    EMERGENCY_NUMBER = "emergency_number"
    CLINIC_PHONE = "clinic_phone"
    CRISIS_LINE = "crisis_line"
    WHO_IS_PRESENT = "who_is_present"
    EMERGENCY_PLAN = "emergency_plan"


class Figure(StrictModel):
    """A number a section states, as it is written there, and where it stands."""

    value: Annotated[str, Field(pattern=r"^\d+([.]\d+)?$")]
    says: str
    source: Source
    verification: Verification


class Section(StrictModel):
    """Read and acknowledged as one. `order` places it among the sections of all parts; `routes` narrows it.

    Paragraphs are plain text. Every number in them is in `figures`; `rests_on` names what else was read.
    """

    id: RecordId
    order: Annotated[int, Field(ge=1, le=999)]
    title: Text
    paragraphs: Annotated[tuple[Text, ...], Field(min_length=1)]
    elements: tuple[Element, ...] = ()
    routes: tuple[Route, ...] = ()
    figures: tuple[Figure, ...] = ()
    rests_on: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _no_figure_without_source(self) -> Self:
        known = {figure.value for figure in self.figures}
        words = (BLANK.sub("", text) for text in self._words())
        said = {found.replace(",", ".") for text in words for found in FIGURE.findall(text)}
        if said != known:
            raise ValueError(f"{self.id}: figures without source, or not said: {sorted(said ^ known)}")
        return self

    @model_validator(mode="after")
    def _blanks_are_known(self) -> Self:
        wrong = {name for text in self._words() for name in BLANK.findall(text)} - {b.value for b in Blank}
        if wrong:
            raise ValueError(f"{self.id}: there is no blank {sorted(wrong)}")
        return self

    @property
    def blanks(self) -> frozenset[Blank]:
        """What the site has to say for this section."""
        return frozenset(Blank(name) for text in self._words() for name in BLANK.findall(text))

    def _words(self) -> list[str]:
        texts = (self.title, *self.paragraphs)
        return [words for text in texts for words in (text.en, text.es) if words]


class Question(StrictModel):
    """Asked after reading; the person answers in own words, a clinician hears whether it was understood."""

    id: RecordId
    ask: Text
    listen_for: Text


class ConsentTemplate(Record):
    """A consent text, or a piece of one.

    `main` is signed for one of its drugs and routes and takes the sections of its `parts` along; an `addendum`
    is signed with a main text, where `suggested_for` (indications), a plan of so many dosing days a week
    (`suggested_from_per_week`) or a clinician asks for it.
    """

    kind: Literal["main", "part", "addendum"]
    drugs: Annotated[tuple[Drug, ...], Field(min_length=1)]
    routes: Annotated[tuple[Route, ...], Field(min_length=1)]
    parts: tuple[RecordId, ...] = ()
    suggested_for: tuple[RecordId, ...] = ()
    suggested_from_per_week: Annotated[int, Field(ge=1)] | None = None
    when: Text | None = None  # of an addendum: when it is needed
    agreement: Text | None = None  # the meaning of the patient's signature
    explained: Text | None = None  # the meaning of the clinician's
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]
    questions: tuple[Question, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        ids = [section.id for section in self.sections]
        if len(set(ids)) != len(ids):
            raise ValueError("each section has its own id")
        if (self.kind == "main") != bool(self.agreement and self.explained):
            raise ValueError("a main text, and only that, says what the signatures mean")
        if (self.kind == "addendum") != (self.when is not None):
            raise ValueError("an addendum, and only that, says when it is needed")
        return self


class ConsentRules(Record):
    """How long a consent holds and when it may be signed: conventions, changeable by a site."""

    valid_days: Annotated[int, Field(ge=1)]
    ask_again_days_before: Annotated[int, Field(ge=0)]
    not_within_hours_after_dose: Annotated[int, Field(ge=0)]
    withdrawal_alert_within_minutes: Annotated[int, Field(ge=1)]
    decide_after_withdrawal_within_hours: Annotated[int, Field(ge=1)]
    countersign_within_hours: Annotated[int, Field(ge=1)]
    ask_again_within_days: Annotated[int, Field(ge=0)]
