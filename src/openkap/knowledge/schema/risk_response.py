"""How fast a person must answer when somebody says they think of dying: conventions of the programme."""

from typing import Annotated

from pydantic import Field

from openkap.knowledge.schema.record import Record, Text


class RiskResponse(Record):
    """`answer_alert_within_minutes`: an alert that nobody answered goes to the next role."""

    answer_alert_within_minutes: Annotated[int, Field(ge=1)]
    tell_the_person: Text  # what is said to a person before they answer: who looks, and when
