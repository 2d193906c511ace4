"""Depression with acute suicidal thoughts has a setting and protocols of its own; what the page says of it."""

from dataclasses import dataclass

from openkap.apps.chart.forms import in_language
from openkap.apps.people.stages import Indication
from openkap.knowledge import KnowledgeSet, State


@dataclass(frozen=True)
class AcuteProtocol:
    """A protocol described for it; `active` when the site may start plans from it."""

    id: str
    title: str
    active: bool


def acute_protocols(indication: str, knowledge: KnowledgeSet) -> list[AcuteProtocol] | None:
    """The protocols for acute suicidal thoughts; None for another indication."""
    if indication != Indication.MDD_SI:
        return None
    fitting = [one for one in knowledge.protocols.values() if indication in one.indications]
    return [
        AcuteProtocol(one.id, in_language(one.title), knowledge.state(one.id) is State.ACTIVE)
        for one in sorted(fitting, key=lambda one: one.id)
    ]
