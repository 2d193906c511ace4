"""An early warning: too little has changed after so many doses, and what may then be considered.

It warns a clinician; it orders nothing. The expected course of single patients is no part of it: no band has a
source yet.
"""

from typing import Annotated

from pydantic import Field

from openkap.knowledge.schema.record import Record, RecordId, Text
from openkap.knowledge.schema.values import Cited, ItemId


class Consideration(Cited):
    """Something that may be looked at, in words a clinician weighs."""

    id: ItemId
    title: Text
    text: Text


class EarlyWarning(Record):
    """Warns when a score taken after dose `after_dose` has improved by less than `improvement_below_percent`.

    `published_for`: the instruments the figure was published with; with others it is used by
    convention.
    """

    after_dose: Annotated[int, Field(ge=1)]
    improvement_below_percent: Annotated[float, Field(gt=0, lt=100)]
    look_within_days: Annotated[int, Field(ge=1)]  # how long the prescriber has
    published_for: tuple[RecordId, ...] = ()
    consider: Annotated[tuple[Consideration, ...], Field(min_length=1)]
