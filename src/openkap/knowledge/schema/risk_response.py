"""How fast a person must answer when somebody says they think of dying: conventions of the programme."""

from typing import Annotated

from pydantic import Field

from openkap.knowledge.schema.record import Record, Text
from openkap.knowledge.schema.risk_pathway import Who

Minutes = Annotated[int, Field(ge=1)]


class RiskResponse(Record):
    """When an alert that nobody answered goes on, to whom, and when unchanged answers are looked at.

    `call_again_minutes`: how often the last of `escalate_to` are called again. `review_by_hour`: on the site's
    clock, 24 is the end of the day. `site_may_loosen_to`: how many times as long a site may make any minutes.
    """

    answer_alert_within_minutes: Minutes
    escalate_to: Annotated[tuple[Who, ...], Field(min_length=1)]
    call_again_minutes: Minutes
    review_by_hour: Annotated[int, Field(ge=1, le=24)]
    site_may_loosen_to: Annotated[int, Field(ge=1, le=10)]
    tell_the_person: Text  # what is said to a person before they answer: who looks, and when
