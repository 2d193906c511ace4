"""Staff look at what comes in: nearly everything has been looked at, the last day's has not."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from openkap.apps.inbox.items import InboxItem
from openkap.apps.inbox.operations import mark_seen
from openkap.apps.journal.inbox_items import inbox_items as journal_items
from openkap.apps.journal.inbox_items import items_for_therapist
from openkap.apps.lifestyle.inbox_items import inbox_items as week_items
from openkap.apps.lifestyle.reading import reading
from openkap.apps.measures.inbox_asks import expired_items
from openkap.apps.measures.inbox_items import inbox_items as questionnaire_items
from openkap.apps.measures.operations.early import judge_courses
from openkap.apps.people.queries import everyone
from openkap.jobs.demo.life import Life

NOT_YET = timedelta(hours=30)  # what came in since then waits


def looking(lives: Sequence[Life], now: datetime) -> Iterator[datetime]:
    """Yesterday each therapist went through all that had come in; the courses are judged then too."""
    yesterday = now - NOT_YET
    yield yesterday
    judge_all(yesterday)
    waiting: dict[int, list[InboxItem]] = defaultdict(list)
    for item in _items(yesterday):
        waiting[item.patient_id].append(item)
    for life in lives:
        patient = getattr(life, "patient", None)  # none before they are registered
        if patient is not None and patient.pk in waiting:
            mark_seen(by=life.therapist, now=yesterday, patient=patient, items=waiting[patient.pk])


def judge_all(now: datetime) -> None:
    """Judge every course by the early warning."""
    while judge_courses(now=now):
        pass


def _items(now: datetime) -> Iterable[InboxItem]:
    yield from questionnaire_items(everyone(), now, but=(reading().instrument,))
    for provider in (journal_items, items_for_therapist, expired_items, week_items):
        yield from provider(everyone(), now)
