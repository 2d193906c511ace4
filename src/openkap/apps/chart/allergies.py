"""Allergies as they are shown beside a name: what to beware of, that there is none, or that nobody asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from openkap.apps.chart import values
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
    """`names` to beware of. `none_known` only where somebody stated that there is none; else nobody knows."""

    names: tuple[str, ...]
    none_known: bool


def allergies_shown(patient: "Patient", now: datetime) -> Allergies:
    """The allergies that stand. A statement of none beside a named one does not take that one away."""
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    recognise = recogniser(knowledge_for(patient.site, now))
    names, none_stated = [], False
    for fact in mapping.allergy_facts(map(values.allergy, allergies_of(patient)), today):
        if any(found.status is FactStatus.ABSENT for found in recognise.concepts_in(fact).values()):
            none_stated = True
        elif fact.status not in PAST:
            names.append(fact.text)
    return Allergies(tuple(names), none_stated and not names)
