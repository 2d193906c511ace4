"""What is new about a patient since a day. Apps give lists of it (`web.changes`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from openkap.apps.access.roles import Permission

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from openkap.apps.people.models import Patient


class Topic(StrEnum):
    """What it is about; the order in which topics are listed."""

    RISK = "risk"
    EVENT = "event"
    SCORE = "score"
    DOSE = "dose"
    MEDICINE = "medicine"
    FINDING = "finding"
    JOURNAL = "journal"
    QUESTIONNAIRE = "questionnaire"
    TASK = "task"


@dataclass(frozen=True)
class TopicRow:
    """The words of a topic, and who reads it."""

    words: "_StrPromise"
    reads: Permission


TOPICS: dict[Topic, TopicRow] = {
    Topic.RISK: TopicRow(_("Suicide risk"), Permission.CHART_READ),
    Topic.EVENT: TopicRow(_("Event"), Permission.CHART_READ),
    Topic.SCORE: TopicRow(_("Score"), Permission.CHART_READ),
    Topic.DOSE: TopicRow(_("Dose"), Permission.DOSING_READ),
    Topic.MEDICINE: TopicRow(_("Medicine"), Permission.CHART_READ),
    Topic.FINDING: TopicRow(_("Finding"), Permission.CHART_READ),
    Topic.JOURNAL: TopicRow(_("Journal"), Permission.THERAPY_READ),
    Topic.QUESTIONNAIRE: TopicRow(_("Not answered"), Permission.CHART_READ),
    Topic.TASK: TopicRow(_("Task"), Permission.TASK_READ),
}


@dataclass(frozen=True)
class Development:
    """One thing that is new. `status` is a state of `web.status`; words are in the reader's language."""

    topic: Topic
    at: datetime
    status: str
    words: str
    detail: str = ""
    path: str = ""

    @property
    def row(self) -> TopicRow:
        """What its topic says."""
        return TOPICS[self.topic]


# What is new about the patient after the first moment and up to the second, in any order.
Teller = Callable[["Patient", datetime, datetime], list[Development]]
