"""What came in and nobody has looked at, asked of every app that has something: a line here for each.

An app offers a function `(patients, now) -> [InboxItem]` (`apps.inbox.items`) and is named in
`PROVIDERS` beside the kind it gives. It is handed the patients on whom the viewer may read that kind, and asks
the database once or twice for all of them.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.core.cache import cache
from django.db.models import QuerySet

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.inbox.items import KINDS, InboxItem, InboxKind, Provider, Urgency
from openkap.apps.journal.inbox_items import inbox_items as journal_items
from openkap.apps.journal.inbox_items import items_for_therapist
from openkap.apps.lifestyle.inbox_items import inbox_items as lifestyle_items
from openkap.apps.lifestyle.reading import reading
from openkap.apps.measures.inbox_asks import expired_items
from openkap.apps.measures.inbox_items import inbox_items as questionnaire_items
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.tasks.inbox_items import alert_items, off_track_items, risk_review_items


def _questionnaires(patients: "QuerySet[Patient]", now: datetime) -> list[InboxItem]:
    """Weeks of everyday life have a kind of their own, so they are not listed a second time."""
    return questionnaire_items(patients, now, but=(reading().instrument,))


PROVIDERS: tuple[tuple[InboxKind, Provider], ...] = (
    (InboxKind.ALERT, alert_items),
    (InboxKind.RESULT, _questionnaires),
    (InboxKind.OFF_TRACK, off_track_items),
    (InboxKind.RISK_REVIEW, risk_review_items),
    (InboxKind.EXPIRED, expired_items),
    (InboxKind.JOURNAL, journal_items),
    (InboxKind.JOURNAL_ALONE, items_for_therapist),
    (InboxKind.LIFESTYLE, lifestyle_items),
)
SHOWN = ("mine", "all")
COUNT_KEPT = timedelta(seconds=60)


@dataclass(frozen=True)
class Waiting:
    """One patient with what came in about them, the most urgent first."""

    patient: Patient
    items: list[InboxItem]

    @property
    def urgency(self) -> Urgency:
        """Of the most urgent item."""
        return self.items[0].urgency

    @cached_property
    def oldest(self) -> datetime:
        """Since when something has been waiting."""
        return min(item.at for item in self.items)


def inbox_for(viewer: User, now: datetime, show: str = "all") -> list[Waiting]:
    """Every patient about whom something waits: the most urgent first, then who has waited longest.

    `show`: 'all' that the viewer may read, or 'mine', on whose care team they are.
    """
    by_patient: dict[int, list[InboxItem]] = defaultdict(list)
    for item in _items(viewer, now, show):
        by_patient[item.patient_id].append(item)
    readable = people.patients_for(viewer, Permission.CHART_READ)
    patients = readable.select_related("site").in_bulk(list(by_patient))
    waiting = [
        Waiting(patients[key], sorted(items, key=_first))
        for key, items in by_patient.items()
        if key in patients
    ]
    return sorted(waiting, key=lambda one: (one.urgency, one.oldest, one.patient.pk))


def items_of(viewer: User, patient: Patient, now: datetime) -> list[InboxItem]:
    """What waits about one patient, the most urgent first."""
    only = people.patients_for(viewer, Permission.CHART_READ).filter(pk=patient.pk)
    return sorted(_from_providers(viewer, only, now), key=_first)


def count_for(viewer: User, now: datetime) -> int:
    """About how many patients something waits; at most a minute old unless the viewer marked something."""
    kept: int | None = cache.get(_key(viewer))
    if kept is None:
        kept = len({item.patient_id for item in _items(viewer, now, "all")})
        cache.set(_key(viewer), kept, COUNT_KEPT.total_seconds())
    return kept


def forget_count(viewer: User) -> None:
    """Have the number counted anew, because the viewer changed it."""
    cache.delete(_key(viewer))


def _key(viewer: User) -> str:
    return f"inbox-count:{viewer.pk}"


def _first(item: InboxItem) -> tuple[Urgency, float]:
    return item.urgency, -item.at.timestamp()


def _items(viewer: User, now: datetime, show: str) -> list[InboxItem]:
    patients = people.patients_for(viewer, Permission.CHART_READ)
    if show == "mine":
        patients = people.patients_in_team_of(viewer, patients)
    return _from_providers(viewer, patients, now)


def _from_providers(viewer: User, patients: QuerySet[Patient], now: datetime) -> list[InboxItem]:
    """Each provider on those of `patients` whose items of its kind the viewer may read."""
    found: list[InboxItem] = []
    for kind, provider in PROVIDERS:
        row = KINDS[kind]
        readable = people.patients_for(viewer, row.reads).filter(pk__in=patients.values("pk"))
        if row.alone is not None:
            readable = people.patients_in_team_of(viewer, readable, row.alone)
        found += provider(readable, now)
    return found
