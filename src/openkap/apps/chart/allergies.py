"""Allergies as they are shown beside a name: what to beware of, that there is none, or that nobody asked."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from openkap.apps.chart import values
from openkap.apps.chart.models import Allergy
from openkap.apps.chart.queries import allergies_of
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.core.assessment.concepts import recogniser
from openkap.core.assessment.facts import FactStatus
from openkap.fhir import facts as mapping

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

PAST = frozenset({FactStatus.RESOLVED, FactStatus.ABSENT})


@dataclass(frozen=True)
class Allergies:
    """`names` to beware of. `none_known` only where somebody stated that there is none; else nobody knows.

    `stated_on` and `stated_by` are of that statement.
    """

    names: tuple[str, ...]
    none_known: bool
    stated_on: date | None = None
    stated_by: str = ""


def allergies_shown(patient: "Patient", now: datetime) -> Allergies:
    """The allergies that stand. A statement of none beside a named one does not take that one away."""
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    recognise = recogniser(knowledge_for(patient.site, now))
    rows = {str(row.public_id): row for row in allergies_of(patient)}
    names: list[str] = []
    statement: Allergy | None = None
    for fact in mapping.allergy_facts(map(values.allergy, rows.values()), today):
        if any(found.status is FactStatus.ABSENT for found in recognise.concepts_in(fact).values()):
            statement = rows[fact.source_ref.rpartition("/")[2]]
        elif fact.status not in PAST:
            names.append(fact.text)
    if statement is None or names:
        return Allergies(tuple(names), none_known=False)
    noted = statement.noted
    author = str(statement.recorded_by) if statement.recorded_by else ""
    return Allergies((), none_known=True, stated_on=noted.first if noted else None, stated_by=author)
