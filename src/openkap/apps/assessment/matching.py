"""Which therapy suits a patient: markers from the interview and from questionnaires, scored by the table."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from openkap.apps.assessment.models import MethodChoice, MethodInterview
from openkap.apps.chart import queries as chart
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures import queries as measures
from openkap.core.assessment import FactStatus
from openkap.core.assessment.concepts import by_concept, recogniser
from openkap.core.assessment.method_match import Answers, Rated, Scored, Suitability, profile, rate, score
from openkap.errors import NotFound
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.method_match import MethodMatch
from openkap.knowledge.schema.therapy_method import TherapyMethod

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

TABLE = "method-match"


@dataclass(frozen=True)
class Matched:
    """The whole answer: markers, methods with their scores, and the profile."""

    table: MethodMatch
    rated: tuple[Rated, ...]
    scored: tuple[Scored, ...]
    profile: dict[str, float | None]
    interview: MethodInterview | None

    @property
    def best(self) -> Scored | None:
        """The method with the highest score among those that can be told; None when none can."""
        return next((one for one in self.scored if one.suitability is not Suitability.UNKNOWN), None)

    def scored_for(self, method_id: str) -> Scored | None:
        """One method of the table."""
        return next((one for one in self.scored if one.method == method_id), None)

    def scores_as_json(self) -> list[dict[str, object]]:
        """As a choice keeps them."""
        return [
            {
                "method": one.method,
                "score": None if one.score is None else round(one.score, 2),
                "unknown": [marker.id for marker in one.unknown],
            }
            for one in self.scored
        ]

    def ratings_as_json(self) -> list[dict[str, object]]:
        """As a choice keeps them."""
        return [{"marker": one.marker.id, "value": one.value, "origin": one.origin.value} for one in self.rated]


def table_for(patient: "Patient", now: datetime) -> MethodMatch:
    """The table in force at the patient's site. Raises `NotFound`."""
    table = knowledge_for(patient.site, now).method_match.get(TABLE)
    if table is None:
        raise NotFound("There is no table of methods in force.")
    return table


def methods_known() -> list[TherapyMethod]:
    """All methods a therapist can name, in their order."""
    known: dict[str, TherapyMethod] = read_kind("therapy_methods", TherapyMethod)
    return sorted(known.values(), key=lambda one: one.order)


def match_for(patient: "Patient", now: datetime) -> Matched:
    """Score every method on what is known of the patient now."""
    table = table_for(patient, now)
    interview = latest_interview(patient)
    rated = rate(table, _asked(interview, table), _answers(patient, table))
    return Matched(table, rated, score(table, rated), profile(rated), interview)


def latest_interview(patient: "Patient") -> MethodInterview | None:
    """The last interview on which therapy suits."""
    return MethodInterview.objects.filter(patient=patient).select_related("recorded_by").order_by("-id").first()


def choices_of(patient: "Patient") -> "list[MethodChoice]":
    """Every signed choice, the latest first."""
    rows = MethodChoice.objects.filter(patient=patient).select_related("recorded_by", "episode")
    return list(rows.order_by("-id"))


def chosen_method(patient: "Patient") -> str | None:
    """The method that was chosen in the current episode: therapy begins with it."""
    rows = MethodChoice.objects.filter(patient=patient, episode__ended_on__isnull=True)
    return rows.order_by("-id").values_list("method_id", flat=True).first()


def _asked(interview: MethodInterview | None, table: MethodMatch) -> dict[str, int]:
    if interview is None:
        return {}
    known = {marker.id for marker in table.markers}
    return {marker: value for marker, value in interview.ratings.items() if marker in known}


def _answers(patient: "Patient", table: MethodMatch) -> Answers:
    """The latest answers to the questionnaires the table looks at; 'NA' and the like are not known."""
    wanted = {hint.instrument for marker in table.markers for hint in marker.hints}
    found: dict[str, dict[str, int | None]] = {}
    for response in measures.responses_of(patient).reverse():
        if response.instrument_id in wanted and response.instrument_id not in found and response.answers:
            found[response.instrument_id] = {
                item: value if isinstance(value, int) else None for item, value in response.answers.items()
            }
    return found


class Standing(StrEnum):
    """What the chart says of a concept now."""

    PRESENT = "present"
    EARLIER = "earlier"  # was so, and is over
    ABSENT = "absent"
    UNKNOWN = "unknown"  # nobody has asked: never taken for a no


def standing_of(patient: "Patient", now: datetime, concepts: Iterable[str]) -> dict[str, Standing]:
    """What the chart says of each concept a caution is about."""
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    found, _unrecognised = by_concept(
        chart.facts_for(patient, today), recogniser(knowledge_for(patient.site, now))
    )
    return {
        concept: _standing({fact.status for fact in found.get(concept, ())}) for concept in sorted(concepts)
    }


def _standing(statuses: set[FactStatus]) -> Standing:
    for status, standing in (
        (FactStatus.ACTIVE, Standing.PRESENT),
        (FactStatus.RESOLVED, Standing.EARLIER),
        (FactStatus.UNKNOWN, Standing.UNKNOWN),
        (FactStatus.ABSENT, Standing.ABSENT),
    ):
        if status in statuses:
            return standing
    return Standing.UNKNOWN
