"""Suicide risk: screens and clinicians' results as one level (DEFINITIONS: Measures).

What a patient answers can raise the level; only a clinician's result lowers it. Unknown is never none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from openkap.core.assessment.findings import Finding, FindingAction
from openkap.knowledge.schema.record import Authority, Text
from openkap.knowledge.schema.risk_pathway import Opens, RiskPathway, Sign, Signs, Triage

MOST_IDEATION: Final = 5  # the scale's own range


class Level(StrEnum):
    """How great the risk is held to be; in this order."""

    NOT_ASSESSED = "not-assessed"
    NONE = "none"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"

    @property
    def rank(self) -> int:
        return list(Level).index(self)

    @property
    def is_risk(self) -> bool:
        """Whether it asks for anything to be done."""
        return self.rank >= Level.LOW.rank


def higher(one: Level, other: Level) -> Level:
    """The higher of two levels."""
    return max(one, other, key=lambda level: level.rank)


# --- what a clinician found -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Columbia:
    """A clinician's C-SSRS result. None is 'not known', never 'no'.

    `ideation`: the most severe of the past month, 0 (none) to 5. `behaviour_recent`: any actual, interrupted,
    aborted or preparatory behaviour within the last months that count as recent; `behaviour_ever`: in the whole
    life, these included. Raises `ValueError` outside the scale, or when recent behaviour never was.
    """

    ideation: int | None
    behaviour_recent: bool | None
    behaviour_ever: bool | None

    def __post_init__(self) -> None:
        if self.ideation is not None and not 0 <= self.ideation <= MOST_IDEATION:
            raise ValueError(f"ideation is 0 to {MOST_IDEATION}")
        if self.behaviour_recent and self.behaviour_ever is False:
            raise ValueError("recent behaviour is behaviour in life")
        if self.behaviour_ever is False:  # what never was is not recent either
            object.__setattr__(self, "behaviour_recent", False)
        if self.behaviour_recent:
            object.__setattr__(self, "behaviour_ever", True)


def level_of(result: Columbia, triage: Triage) -> Level:
    """The level that is certain from what is known; `NOT_ASSESSED` when nothing is, and it could be more."""
    for grade in triage.grades:
        by_thought = result.ideation is not None and result.ideation >= grade.ideation_at_least
        by_act = (grade.behaviour == "recent" and result.behaviour_recent is True) or (
            grade.behaviour == "ever" and result.behaviour_ever is True
        )
        if by_thought or by_act:
            return Level(grade.level)
    known = None not in (result.ideation, result.behaviour_recent, result.behaviour_ever)
    return Level.NONE if known else Level.NOT_ASSESSED


def is_certain(result: Columbia, triage: Triage) -> bool:
    """Whether nothing that is not known could make it more."""
    worst = Columbia(
        MOST_IDEATION if result.ideation is None else result.ideation,
        True if result.behaviour_recent is None else result.behaviour_recent,
        True if result.behaviour_ever is None else result.behaviour_ever,
    )
    return level_of(worst, triage) is level_of(result, triage)


# --- what a patient answered ------------------------------------------------------------------------------


class AnswerCourse(StrEnum):
    """How an answer about suicide compares with the last known one before."""

    NONE = "none"
    NEW = "new"
    RISEN = "risen"
    UNCHANGED = "unchanged"  # or lower, and still there
    NOT_KNOWN = "not-known"


def answer_course(answer: float | None, before: float | None) -> AnswerCourse:
    """What an answer, or a total, says; one that is not there is never taken as none."""
    if answer is None:
        return AnswerCourse.NOT_KNOWN
    if answer == 0:
        return AnswerCourse.NONE
    if not before:
        return AnswerCourse.NEW
    return AnswerCourse.RISEN if answer > before else AnswerCourse.UNCHANGED


@dataclass(frozen=True, slots=True)
class Screened:
    """What one questionnaire says: its `outcome` ('' without one, or while open), total, answers by item."""

    instrument: str
    outcome: str = ""
    total: float | None = None
    answers: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Raise:
    """To which level a screen raises, and which further steps it opens."""

    level: Level
    opens: Opens | None = None

    @property
    def is_acute(self) -> bool:
        """Thoughts of suicide at this moment, or a refusal to say."""
        return self.opens is Opens.ACUTE


def raise_of(said: Screened, signs: Signs) -> Raise:
    """The highest level any sign gives. `NONE` only by an outcome that says so; else `NOT_ASSESSED`."""
    met = [sign for sign in signs.signs if sign.instrument == said.instrument and _is_met(sign, said)]
    if met:
        highest = max(met, key=lambda sign: (Level(sign.level).rank, sign.opens is not None))
        return Raise(Level(highest.level), highest.opens)
    is_negative = any(
        one.instrument == said.instrument and one.outcome == said.outcome for one in signs.negative
    )
    return Raise(Level.NONE if is_negative else Level.NOT_ASSESSED)


def _is_met(sign: Sign, said: Screened) -> bool:
    if sign.outcome is not None:
        return sign.outcome == said.outcome
    if sign.item is not None and sign.item_at_least is not None:
        answer = said.answers.get(sign.item)
        return answer is not None and answer >= sign.item_at_least
    return said.total is not None and sign.total_at_least is not None and said.total >= sign.total_at_least


# --- the course of the level ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that bears on the level. `certain`: of a clinician's result only; a screen never lowers."""

    at: datetime
    level: Level
    by_clinician: bool
    certain: bool = False
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """The level after one piece of evidence."""

    evidence: Evidence
    level: Level
    before: Level

    @property
    def rose(self) -> bool:
        """Whether it is risk now, and more than it was."""
        return self.level.is_risk and self.level.rank > self.before.rank


def course_of_risk(evidence: Iterable[Evidence]) -> tuple[Point, ...]:
    """The level after each piece of evidence, oldest first; a screen counts after a result of its moment."""
    points: list[Point] = []
    level = Level.NOT_ASSESSED
    for one in sorted(evidence, key=lambda e: (e.at, not e.by_clinician, e.level.rank, e.ref)):
        lowers = one.by_clinician and one.certain
        after = one.level if lowers else higher(level, one.level)
        points.append(Point(one, after, level))
        level = after
    return tuple(points)


def level_now(evidence: Iterable[Evidence]) -> Level:
    """The level after all of it."""
    course = course_of_risk(evidence)
    return course[-1].level if course else Level.NOT_ASSESSED


# --- who is to hear of it ---------------------------------------------------------------------------------


class Attention(StrEnum):
    """Whether an answer interrupts somebody, is looked at the same day, or asks for nothing."""

    NOTHING = "nothing"
    SAME_DAY = "same-day"
    NOW = "now"


def attention_for(courses: Iterable[AnswerCourse], raised: Raise, *, rose: bool) -> Attention:
    """New, risen or acute interrupts; unchanged or not said is looked at the same day."""
    said = set(courses)
    if rose or raised.is_acute or said & {AnswerCourse.NEW, AnswerCourse.RISEN}:
        return Attention.NOW
    if raised.level.is_risk or said & {AnswerCourse.UNCHANGED, AnswerCourse.NOT_KNOWN}:
        return Attention.SAME_DAY
    return Attention.NOTHING


# --- dosing -----------------------------------------------------------------------------------------------


class Choice(StrEnum):
    """What a psychiatrist decides at high risk."""

    EMERGENCY = "emergency"
    HIGHER_CARE = "higher-care"
    NONE = "none"


class Hold(StrEnum):
    """Why no dose is given."""

    DECISION_OPEN = "decision-open"
    HIGH_RISK = "high-risk"
    DECIDED_AGAINST = "decided-against"


def hold_on_dosing(
    level: Level, *, asked: bool, choice: Choice | None, found_since: bool = False
) -> Hold | None:
    """Why no dose is given now, if so. `asked`: a decision was opened; `choice`: what it is.

    While it is open there is no dose, whatever was found since; while the risk is high there is one only where
    the psychiatrist decided for a setting of higher care. A decision against a dose holds, however low the
    level was by then, until a clinician's certain result after it (`found_since`) says otherwise.
    """
    if asked and choice is None:
        return Hold.DECISION_OPEN
    if level is Level.HIGH and choice is not Choice.HIGHER_CARE:
        return Hold.HIGH_RISK
    if choice in {Choice.NONE, Choice.EMERGENCY} and not found_since:
        return Hold.DECIDED_AGAINST
    return None


_REASONS: Final[Mapping[Hold, Text]] = {
    Hold.DECISION_OPEN: Text(
        en="A psychiatrist's decision on dosing at suicide risk is open; there is no dose before it.",
        es="Está pendiente la decisión de psiquiatría por riesgo de suicidio; antes no hay dosis.",
    ),
    Hold.HIGH_RISK: Text(
        en="Suicide risk is high; a dose only in a setting of higher care, where a psychiatrist decided so.",
        es="Riesgo de suicidio alto; dosis solo en un entorno de mayor cuidado y por decisión psiquiátrica.",
    ),
    Hold.DECIDED_AGAINST: Text(
        en="A psychiatrist decided against a dose at suicide risk; it stands until a clinician's new result.",
        es="Psiquiatría decidió no dar dosis por riesgo de suicidio; vale hasta un nuevo resultado clínico.",
    ),
}
_NEXT: Final = Text(
    en="Decide on the Safety page, or record a clinician's new result.",
    es="Decidir en la página Seguridad, o registrar un nuevo resultado clínico.",
)


def hold_finding(hold: Hold, record: RiskPathway) -> Finding:
    """What an assessment says of the hold; it is not set aside but decided. `record`: that of high risk."""
    return Finding(
        rule_id=record.id,
        rule_version=record.version,
        title=record.title,
        action=FindingAction.HOLD,
        reason=_REASONS[hold],
        facts=(),
        sources=record.sources,
        verification=record.verification,
        authority=Authority.CONVENTION,
        override_roles=(),
        override_days=None,
        next_step=_NEXT,
    )
