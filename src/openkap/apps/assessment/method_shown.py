"""Which therapy suits, in words: every score with its reasons, what is not known, and what asks for care."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openkap.apps.assessment import queries
from openkap.apps.assessment.matching import Matched, Standing, methods_known, standing_of
from openkap.apps.assessment.models import MethodChoice
from openkap.apps.assessment.options_shown import SourceShown, in_language
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.core.assessment.method_match import AXES, Because, Origin, Rated, Scored, Suitability
from openkap.knowledge.schema.method_match import Caution
from openkap.knowledge.schema.record import Verification
from openkap.knowledge.schema.therapy_method import TherapyMethod

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

Words = str | Promise

SUITS: Final[dict[Suitability, Words]] = {
    Suitability.FITS: gettext_lazy("Fits"),
    Suitability.MAY_FIT: gettext_lazy("Less pointed at"),
    Suitability.UNKNOWN: gettext_lazy("Cannot tell"),
}
PILLS: Final[dict[Suitability, str]] = {
    Suitability.FITS: "ok",
    Suitability.MAY_FIT: "info",
    Suitability.UNKNOWN: "unknown",
}
ORIGINS: Final[dict[Origin, Words]] = {
    Origin.INTERVIEW: gettext_lazy("from the interview"),
    Origin.MEASURE: gettext_lazy("hint from questionnaires"),
    Origin.UNKNOWN: gettext_lazy("not asked"),
}
STANDINGS: Final[dict[Standing, tuple[str, Words]]] = {
    Standing.PRESENT: ("warn", gettext_lazy("In the chart now")),
    Standing.EARLIER: ("info", gettext_lazy("In the chart, over")),
    Standing.ABSENT: ("ok", gettext_lazy("Asked: no")),
    Standing.UNKNOWN: ("unknown", gettext_lazy("Not known: ask")),
}
AXIS_WORDS: Final[dict[str, Words]] = {
    "cognitive": gettext_lazy("In thoughts"),
    "somatic": gettext_lazy("In the body"),
    "avoidant": gettext_lazy("In staying away"),
}
READ: Final[dict[Verification, Words]] = {
    Verification.SOURCE: gettext_lazy("read in source"),
    Verification.SECONDARY: gettext_lazy("read in a restatement"),
    Verification.MEMORY: gettext_lazy("from memory"),
    Verification.CONVENTION: gettext_lazy("convention"),
}


@dataclass(frozen=True)
class RatedShown:
    """One marker as the page shows it; `value` '' where nothing is known."""

    name: str
    value: str
    percent: int
    origin: str
    known: bool


@dataclass(frozen=True)
class ReasonShown:
    """Why a marker speaks for a method, and how strongly."""

    marker: RatedShown
    because: str
    weight: str


@dataclass(frozen=True)
class CautionShown:
    """What asks for care, and what the chart says of it."""

    words: str
    pill: str
    standing: str
    source: SourceShown


@dataclass(frozen=True)
class MethodShown:
    """One method with everything that speaks for it."""

    id: str
    name: str
    score: str
    pill: str
    suits: str
    reasons: tuple[ReasonShown, ...]
    unknown: str
    cautions: tuple[CautionShown, ...]
    with_ketamine: str


@dataclass(frozen=True)
class AxisShown:
    """How far the picture lies in thoughts, in the body, or in staying away."""

    name: str
    value: str
    percent: int


@dataclass(frozen=True)
class CandidacyShown:
    """What the patient said to one question of the candidacy interview."""

    title: str
    answer: str
    note: str


@dataclass(frozen=True)
class MethodPage:
    """Everything the page shows."""

    methods: tuple[MethodShown, ...]
    markers: tuple[RatedShown, ...]
    axes: tuple[AxisShown, ...]
    candidacy: tuple[CandidacyShown, ...]
    evidence_note: str
    version: int


@dataclass(frozen=True)
class ChoiceShown:
    """One signed choice."""

    choice: MethodChoice
    name: str


def method_page(patient: "Patient", matched: Matched, now: datetime) -> MethodPage:
    """The page for a patient, in the reader's language."""
    concepts = {c.concept for one in matched.scored for c in one.cautions if c.concept}
    standings = standing_of(patient, now, concepts)
    known = {one.id: one for one in methods_known()}
    return MethodPage(
        methods=tuple(_method(one, known.get(one.method), standings) for one in matched.scored),
        markers=tuple(_rated(one) for one in matched.rated),
        axes=tuple(_axis(name, matched.profile[name]) for name in AXES),
        candidacy=tuple(_candidacy(patient, now)),
        evidence_note=in_language(matched.table.evidence_note),
        version=matched.table.version,
    )


def choices_shown(choices: Iterable[MethodChoice]) -> list[ChoiceShown]:
    """Signed choices with the method's name."""
    names = {one.id: in_language(one.title) for one in methods_known()}
    return [ChoiceShown(one, names.get(one.method_id, one.method_id)) for one in choices]


def _number(value: float | None) -> str:
    return "" if value is None else formats.number_format(round(value, 1), 1)


def _percent(value: float | None) -> int:
    return 0 if value is None else round(value * 10)


def _rated(one: Rated) -> RatedShown:
    return RatedShown(
        name=in_language(one.marker.name),
        value=_number(one.value),
        percent=_percent(one.value),
        origin=str(ORIGINS[one.origin]),
        known=one.value is not None,
    )


def _method(one: Scored, method: TherapyMethod | None, standings: dict[str, Standing]) -> MethodShown:
    return MethodShown(
        id=one.method,
        name=in_language(method.title) if method else one.method,
        score=_number(one.score),
        pill=PILLS[one.suitability],
        suits=str(SUITS[one.suitability]),
        reasons=tuple(_reason(because) for because in one.because),
        unknown=", ".join(in_language(marker.name) for marker in one.unknown),
        cautions=tuple(_caution(caution, standings) for caution in one.cautions),
        with_ketamine=in_language(method.with_ketamine_note) if method else "",
    )


def _reason(one: Because) -> ReasonShown:
    return ReasonShown(_rated(one.rated), in_language(one.reason.because), _number(one.reason.weight))


def _caution(one: Caution, standings: dict[str, Standing]) -> CautionShown:
    pill, words = STANDINGS[standings[one.concept]] if one.concept else ("info", _("For everyone"))
    source = SourceShown(one.source.citation, one.source.locator, str(READ[one.verification]))
    return CautionShown(in_language(one.words), pill, str(words), source)


def _axis(name: str, value: float | None) -> AxisShown:
    return AxisShown(str(AXIS_WORDS[name]), _number(value), _percent(value))


def _candidacy(patient: "Patient", now: datetime) -> Iterable[CandidacyShown]:
    """Comfort with altered states, support at home, prior benefit and what else was asked; no score is made."""
    said = queries.candidacy_of(patient)
    questions = knowledge_for(patient.site, now).candidacy_questions.values()
    for question in sorted(questions, key=lambda one: one.order):
        row = said.get(question.id)
        labels = {choice.id: in_language(choice.label) for choice in question.choices}
        answer = labels.get(row.choice, row.choice) if row else ""
        yield CandidacyShown(in_language(question.title), answer, row.note if row else "")
