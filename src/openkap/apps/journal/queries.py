"""Journals: all of one's own, and of others' what they share."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery

from openkap.adapters.sealing import JOURNAL, Sealed, keyring, unseal
from openkap.apps.journal.models import Done, Entry, Practice, Standing
from openkap.errors import NotFound

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

PURPOSE = "openkap journal"
A_WEEK = 7  # days that a practice is counted over


@dataclass(frozen=True)
class Read:
    """An entry with its words, for somebody who may read it."""

    entry: Entry
    text: str
    who: str

    @property
    def is_shared(self) -> bool:
        return self.who == Standing.Who.SHARED.value


@dataclass(frozen=True)
class Habit:
    """A practice and on how many of the last seven days it was done, today among them or not."""

    practice: Practice
    days: int
    is_done_today: bool


def own_entries(patient: "Patient") -> list[Read]:
    """Everything the patient wrote and did not take out, newest first. For the patient alone."""
    return [_read(entry) for entry in _entries(patient, Standing.Who.PRIVATE, Standing.Who.SHARED)]


def shared_entries(patient: "Patient") -> list[Read]:
    """What the patient shares, newest first. Check the viewer beforehand."""
    return [_read(entry) for entry in _entries(patient, Standing.Who.SHARED)]


def own_entry(patient: "Patient", entry_id: UUID) -> Entry:
    """One entry of the patient's that was not taken out. Raises `NotFound`."""
    found = _entries(patient, Standing.Who.PRIVATE, Standing.Who.SHARED).filter(public_id=entry_id).first()
    if found is None:
        raise NotFound("There is no such entry of yours.")
    return found


def practices_of(patient: "Patient") -> QuerySet[Practice]:
    """What the patient practises now, oldest first. Check the viewer beforehand."""
    rows = Practice.objects.filter(patient=patient, ended_at__isnull=True)
    return rows.select_related("recorded_by", "patient").order_by("id")


def practice_of(patient: "Patient", practice_id: UUID) -> Practice:
    """One present practice of the patient. Raises `NotFound`."""
    found = practices_of(patient).filter(public_id=practice_id).first()
    if found is None:
        raise NotFound("There is no such practice.")
    return found


def habits_of(patient: "Patient", now: datetime) -> list[Habit]:
    """The practices with how often they were done in the last week of the site's days."""
    today = today_of(patient, now)
    since = today - timedelta(days=A_WEEK - 1)
    practices = list(practices_of(patient))
    done: dict[int, set[date]] = {practice.pk: set() for practice in practices}
    for practice_id, day in Done.objects.filter(practice__in=practices, on__range=(since, today)).values_list(
        "practice", "on"
    ):
        done[practice_id].add(day)
    return [Habit(practice, len(done[practice.pk]), today in done[practice.pk]) for practice in practices]


def today_of(patient: "Patient", now: datetime) -> date:
    """The local date at the patient's site."""
    return now.astimezone(ZoneInfo(patient.site.time_zone)).date()


def bound_to(entry_id: UUID, patient: "Patient") -> str:
    """What a seal is tied to: table, column, row and patient. Moved anywhere else it does not open."""
    return f"journal_entry.body.{entry_id}.{patient.public_id}"


def any_entry() -> bool:
    """Whether any was ever sealed: then a missing key is a loss, not a beginning."""
    return Entry.objects.exists()


def _entries(patient: "Patient", *whose: Standing.Who) -> QuerySet[Entry]:
    """Entries whose latest standing is one of `whose`, newest first."""
    latest = Standing.objects.filter(entry__patient=patient).order_by("entry", "-id").distinct("entry")
    standing = Standing.objects.filter(pk__in=latest.values("pk"), who__in=[who.value for who in whose])
    rows = Entry.objects.filter(pk__in=standing.values("entry")).annotate(
        who=Subquery(latest.filter(entry=OuterRef("pk")).values("who")[:1])
    )
    return rows.select_related("patient").order_by("-written_at", "-id")


def _read(entry: Entry) -> Read:
    sealed = Sealed(entry.key_id, bytes(entry.body))
    text = unseal(
        sealed,
        keyring(JOURNAL, may_make=False),
        purpose=PURPOSE,
        bound_to=bound_to(entry.public_id, entry.patient),
    )
    return Read(entry, text, getattr(entry, "who", ""))
