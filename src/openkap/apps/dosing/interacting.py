"""What of a patient's medicines changes the exposure: the records in force for what the chart says is taken."""

import re
from datetime import date

from openkap.apps.chart.queries import facts_for
from openkap.apps.people.models import Patient
from openkap.core.assessment.concepts import recogniser
from openkap.core.assessment.facts import Fact, FactKind, FactStatus
from openkap.core.pharmacology.interactions import Taken
from openkap.knowledge.knowledge_set import KnowledgeSet, State
from openkap.knowledge.schema.pk_interaction import PkInteraction
from openkap.knowledge.schema.record import Text


def interactions_in_force(knowledge: KnowledgeSet) -> dict[str, PkInteraction]:
    """The records that act at the site today, by id; what waits for sign-off is not among them."""
    return {
        record_id: record
        for record_id, record in knowledge.pk_interactions.items()
        if knowledge.state(record_id) is State.ACTIVE
    }


def taken_by(patient: Patient, knowledge: KnowledgeSet, on: date) -> tuple[Taken, ...]:
    """What the patient takes on the local date `on` that has a record, or belongs to a group that has one.

    A medicine of such a group without a record of its own is there without one: its effect is not known.
    """
    taking = [
        fact
        for fact in facts_for(patient, on)
        if fact.kind is FactKind.MEDICATION and fact.status is FactStatus.ACTIVE
    ]
    found = {taken.agent: taken for fact in taking for taken in _of(fact, knowledge)}
    return tuple(found[agent] for agent in sorted(found))


def _of(fact: Fact, knowledge: KnowledgeSet) -> list[Taken]:
    meant = {record.agent: record for record in knowledge.pk_interactions.values() if _named(record, fact.text)}
    acting = interactions_in_force(knowledge).values()
    if meant:
        return [
            Taken(agent, record.name, tuple(r for r in acting if r.agent == agent))
            for agent, record in meant.items()
        ]
    groups = {r.concept for r in knowledge.pk_interactions.values() if r.concept is not None}
    if groups & set(recogniser(knowledge).concepts_in(fact)):
        return [Taken(f"unstudied:{fact.text.casefold()}", Text(en=fact.text))]
    return []


def _named(record: PkInteraction, text: str) -> bool:
    return any(re.search(rf"\b(?:{word})\b", text, re.IGNORECASE) for word in record.words)
