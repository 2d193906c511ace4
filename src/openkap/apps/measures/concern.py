"""Whether what was answered so far calls for saying at once what help there is now.

Wider than what alerts staff: who would rather not say is offered the same help, and nobody is offered too much.
"""

from collections.abc import Mapping
from enum import StrEnum

from openkap.core.psychometrics import Answer, NotAnswered
from openkap.knowledge.schema.instrument import Domain, Instrument, Item


class Concern(StrEnum):
    """What the answers say of suicide or self-harm: nothing, 'I would rather not say', or something."""

    NONE = ""
    UNSAID = "unsaid"
    SAID = "said"


def concern_in(instrument: Instrument, given: Mapping[str, Answer]) -> Concern:
    """The strongest among the answers so far; questions without an answer yet say nothing."""
    found = [concern_of(instrument, item, given.get(item.id)) for item in instrument.items]
    return next((level for level in (Concern.SAID, Concern.UNSAID) if level in found), Concern.NONE)


def concern_of(instrument: Instrument, item: Item, answer: Answer | None) -> Concern:
    """What one answer says."""
    if answer is None or not is_about_danger(instrument, item):
        return Concern.NONE
    if isinstance(answer, NotAnswered):
        return Concern.UNSAID
    return Concern.SAID if answer > 0 else Concern.NONE


def is_about_danger(instrument: Instrument, item: Item) -> bool:
    """Whether the question is one about suicide or self-harm, by itself or as part of such a form."""
    return item.safety or (instrument.domain is Domain.SUICIDALITY and item in instrument.items)
