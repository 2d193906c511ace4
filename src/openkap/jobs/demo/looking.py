"""Staff look at what comes in: nearly everything has been looked at, the last day's has not."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from openkap.apps.inbox.items import InboxItem
from openkap.apps.inbox.operations import mark_seen
from openkap.apps.journal.inbox_items import inbox_items as journal_items
from openkap.apps.lifestyle.inbox_items import inbox_items as week_items
from openkap.apps.measures.inbox_asks import expired_items
from openkap.apps.measures.inbox_items import inbox_items as questionnaire_items
from openkap.apps.measures.operations.early import judge_courses
from openkap.apps.people.queries import everyone
from openkap.jobs.demo.life import Life

NOT_YET = timedelta(hours=30)  # what came in since then waits
SOON = timedelta(hours=3)  # after which a therapist looks


def look(lives: Sequence[Life], now: datetime) -> None:
    """Judge the courses, and have each therapist look at what came in about their patients until yesterday."""
    while judge_courses(now=now):
        pass
    waiting: dict[int, list[InboxItem]] = defaultdict(list)
    for item in _items(now):
        if item.at < now - NOT_YET:
            waiting[item.patient_id].append(item)
    for life in lives:
        items = waiting.get(life.patient.pk)
        if items:
            at = max(item.at for item in items) + SOON
            mark_seen(by=life.therapist, now=at, patient=life.patient, items=items)


def _items(now: datetime) -> Iterable[InboxItem]:
    for provider in (questionnaire_items, journal_items, expired_items, week_items):
        yield from provider(everyone(), now)
