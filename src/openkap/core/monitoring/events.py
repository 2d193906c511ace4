"""What can happen in a dosing session: kinds of events and their typed payloads.

A payload is a frozen dataclass that validates in construction and refuses unknown keys. Payloads carry a schema
version; `read_payload` reads every version ever stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as validated

from openkap.errors import BadInput
from openkap.knowledge.schema.monitoring import Vital

SCHEMA_VERSION = 1


class Kind(StrEnum):
    """What happened. The values are stored."""

    ARRIVED = "arrived"
    IDENTITY_CHECKED = "identity-checked"
    WEIGHT_MEASURED = "weight-measured"
    ESCORT_NAMED = "escort-named"
    VITALS_RECORDED = "vitals-recorded"
    DOSE_STARTED = "dose-started"
    DOSE_PAUSED = "dose-paused"
    DOSE_RESUMED = "dose-resumed"
    RATE_CHANGED = "rate-changed"
    DOSE_STOPPED = "dose-stopped"
    DOSE_ENDED = "dose-ended"
    DRUG_GIVEN = "drug-given"
    NOTE_WRITTEN = "note-written"
    SIGN_SEEN = "sign-seen"
    CHECK_RECORDED = "check-recorded"
    DECISION_MADE = "decision-made"
    PHASE_DECLARED = "phase-declared"
    CORRECTED = "corrected"
    DISCHARGE_DECIDED = "discharge-decided"
    ENDED = "ended"
    SIGNED = "signed"
    ADDED = "added"


class Identifier(StrEnum):
    """By what the patient was recognised; the values themselves are never in an event."""

    NAME = "name"
    BIRTH_DATE = "birth-date"
    RECORD_NUMBER = "record-number"
    PHOTO = "photo"


_strict = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Short = Annotated[str, Field(min_length=1, max_length=200)]
Milligrams = Annotated[Decimal, Field(gt=0, max_digits=8, decimal_places=3)]
MilligramsOrNone = Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=3)]


@validated(frozen=True, config=_strict)
class Nothing:
    """An event whose kind says it all."""


@validated(frozen=True, config=_strict)
class IdentityChecked:
    by: Annotated[tuple[Identifier, ...], Field(min_length=1)]


@validated(frozen=True, config=_strict)
class WeightMeasured:
    kg: Annotated[Decimal, Field(gt=0, max_digits=5, decimal_places=2)]


@validated(frozen=True, config=_strict)
class EscortNamed:
    name: Short
    phone: Annotated[str, Field(max_length=40)] = ""


@validated(frozen=True, config=_strict)
class VitalsRecorded:
    """Readings by vital, in the unit of that vital; `not_asked` says so of scores on purpose."""

    values: dict[Vital, Annotated[float, Field(ge=0, le=1000)]] = field(default_factory=dict)
    not_asked: tuple[Vital, ...] = ()
    room_air: bool | None = None
    source: Literal["typed", "monitor"] = "typed"

    def __post_init__(self) -> None:
        upper, lower = self.values.get(Vital.SYSTOLIC), self.values.get(Vital.DIASTOLIC)
        if not self.values and not self.not_asked:
            raise ValueError("there is no reading")
        if (upper is None) != (lower is None):
            raise ValueError("blood pressure has two figures")
        if upper is not None and lower is not None and upper <= lower:
            raise ValueError("the systolic figure must be the higher one")
        if Vital.WEIGHT in self.values:
            raise ValueError("weight has an event of its own")


@validated(frozen=True, config=_strict)
class DoseStarted:
    amount_mg: Milligrams  # as read from the order on the screen: must equal what is ordered


@validated(frozen=True, config=_strict)
class RateChanged:
    mg_per_min: Annotated[Decimal, Field(gt=0, max_digits=8, decimal_places=4)]


@validated(frozen=True, config=_strict)
class Paused:
    reason: Annotated[str, Field(max_length=500)] = ""


@validated(frozen=True, config=_strict)
class DoseOver:
    """`given_mg` is the pump's or the syringe's own reading, where there is one."""

    given_mg: MilligramsOrNone | None = None
    reason: Annotated[str, Field(max_length=500)] = ""


@validated(frozen=True, config=_strict)
class DrugGiven:
    drug: Short
    amount: Short
    route: Short
    reason: Annotated[str, Field(max_length=500)] = ""


@validated(frozen=True, config=_strict)
class NoteWritten:
    text: Words


@validated(frozen=True, config=_strict)
class SignSeen:
    """`sign` is the id of a symptom of a monitoring record, or 'other'."""

    sign: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    text: Annotated[str, Field(max_length=2000)] = ""
    severity: Literal["mild", "moderate", "severe"] | None = None


@validated(frozen=True, config=_strict)
class CheckRecorded:
    """The answer to one condition of leaving."""

    condition: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    met: bool


@validated(frozen=True, config=_strict)
class DecisionMade:
    """A prescriber lets a held dose go ahead, knowing the reading."""

    about: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    reason: Words


@validated(frozen=True, config=_strict)
class PhaseDeclared:
    phase: Literal["recovery"]


@validated(frozen=True, config=_strict)
class Corrected:
    """What an earlier event should have said; no `payload` says that it should not have been there."""

    event: UUID
    reason: Words
    payload: dict[str, Any] | None = None


@validated(frozen=True, config=_strict)
class DischargeDecided:
    outcome: Literal["released", "transferred", "left-against-advice"]
    override_reason: Annotated[str, Field(max_length=2000)] = ""


Payload = (
    Nothing | IdentityChecked | WeightMeasured | EscortNamed | VitalsRecorded | DoseStarted | RateChanged
    | Paused | DoseOver | DrugGiven | NoteWritten | SignSeen | CheckRecorded | DecisionMade | PhaseDeclared
    | Corrected
    | DischargeDecided
)  # fmt: skip

PAYLOADS: Mapping[Kind, type[Payload]] = {
    Kind.ARRIVED: Nothing,
    Kind.IDENTITY_CHECKED: IdentityChecked,
    Kind.WEIGHT_MEASURED: WeightMeasured,
    Kind.ESCORT_NAMED: EscortNamed,
    Kind.VITALS_RECORDED: VitalsRecorded,
    Kind.DOSE_STARTED: DoseStarted,
    Kind.DOSE_PAUSED: Paused,
    Kind.DOSE_RESUMED: Nothing,
    Kind.RATE_CHANGED: RateChanged,
    Kind.DOSE_STOPPED: DoseOver,
    Kind.DOSE_ENDED: DoseOver,
    Kind.DRUG_GIVEN: DrugGiven,
    Kind.NOTE_WRITTEN: NoteWritten,
    Kind.SIGN_SEEN: SignSeen,
    Kind.CHECK_RECORDED: CheckRecorded,
    Kind.DECISION_MADE: DecisionMade,
    Kind.PHASE_DECLARED: PhaseDeclared,
    Kind.CORRECTED: Corrected,
    Kind.DISCHARGE_DECIDED: DischargeDecided,
    Kind.ENDED: Nothing,
    Kind.SIGNED: Nothing,
    Kind.ADDED: NoteWritten,
}
_READERS = {kind: TypeAdapter(payload) for kind, payload in PAYLOADS.items()}


class BadPayload(BadInput):
    """What was entered does not fit its kind of event."""

    code = "bad-payload"


def read_payload(kind: Kind, raw: Mapping[str, Any], schema_version: int = SCHEMA_VERSION) -> Payload:
    """The typed payload of a stored or sent event. Raises `BadPayload`, naming the fields at fault."""
    if schema_version != SCHEMA_VERSION:
        raise BadPayload(
            "Events of schema version %(schema_version)s cannot be read here.", schema_version=schema_version
        )
    try:
        return _READERS[kind].validate_python(dict(raw))
    except ValidationError as error:
        raise BadPayload(_faults(error)) from error


def _faults(error: ValidationError) -> str:
    """The fields at fault, without the values entered: they may be clinical text."""
    named = ((".".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, ")) for e in error.errors())
    return "; ".join(f"{place}: {fault}" if place else fault for place, fault in named)


@dataclass(frozen=True)
class Event:
    """One event as stored, or about to be.

    What the state asks of a new event is judged once, on arrival: `refused` is the reason's code when it
    failed, `admitted` says that it passed. A fact admitted then is not undone by what is entered, corrected or
    signed off later; its place in time may still leave it without effect (a pause of a dose that had ended).
    """

    id: UUID
    seq: int
    occurred_at: datetime
    author: str
    kind: Kind
    payload: Mapping[str, Any]
    schema_version: int = SCHEMA_VERSION
    refused: str = ""
    admitted: bool = False


def in_clinical_order(events: tuple[Event, ...]) -> list[Event]:
    """By when things happened, then by when they were stored."""
    return sorted(events, key=lambda event: (event.occurred_at, event.seq))
