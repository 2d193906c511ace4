"""A question of the candidacy interview, with the answers one can choose: the programme's own convention."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Record, StrictModel, Text
from openkap.knowledge.schema.values import ItemId


class Choice(StrictModel):
    """One answer."""

    id: ItemId
    label: Text


class CandidacyQuestion(Record):
    """Asked by a clinician, with room for a note. People weigh the answer; no score is made of it."""

    order: Annotated[int, Field(ge=1)]
    question: Text
    choices: Annotated[tuple[Choice, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _choices_differ(self) -> Self:
        if len({choice.id for choice in self.choices}) != len(self.choices):
            raise ValueError("two choices have the same id")
        return self

    def choice(self, choice_id: str) -> Choice | None:
        """The choice of that id, if there is one."""
        return next((choice for choice in self.choices if choice.id == choice_id), None)
