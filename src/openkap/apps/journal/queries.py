"""Journals: all of one's own, and of others' what they share with the reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery

from openkap.adapters.sealing import JOURNAL, Sealed, keyring, unseal
from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.journal.models import Done, Entry, Seen, Standing
from openkap.apps.people.queries import is_on_team_as
from openkap.errors import NotFound

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

PURPOSE = "openkap journal"


@dataclass(frozen=True)
class Read:
    """An entry with its words, for somebody who may read it. `seen_by`: who of the staff read it."""

    entry: Entry
    text: str
    who: str
    seen_by: tuple[Seen, ...] = ()

    @property
    def is_shared(self) -> bool:
        """Whether anybody but the patient may read it now."""
        return self.who in {Standing.Who.SHARED.value, Standing.Who.THERAPIST.value}

    @property
    def readers(self) -> str:
        """Who may read it, in words."""
        return str(Standing.Who(self.who).label)


def own_entries(patient: "Patient") -> list[Read]:
    """What the patient wrote and did not take out, newest first, and who saw it. For the patient alone."""
    entries = list(_entries(patient, Standing.Who.PRIVATE, Standing.Who.THERAPIST, Standing.Who.SHARED))
    seen: dict[int, list[Seen]] = {entry.pk: [] for entry in entries}
    for row in Seen.objects.filter(entry__in=entries).select_related("reader").order_by("first_at", "id"):
        seen[row.entry_id].append(row)
    return [_read(entry, seen[entry.pk]) for entry in entries]


def shared_entries(patient: "Patient", viewer: User) -> list[Read]:
    """What the patient shares with the viewer, newest first. Check beforehand that they may read the therapy.

    What is for the therapist alone is read by who is on the care team as therapist now, and by nobody else.
    """
    whose = [Standing.Who.SHARED]
    if is_on_team_as(viewer, patient, Role.THERAPIST):
        whose.append(Standing.Who.THERAPIST)
    return [_read(entry) for entry in _entries(patient, *whose)]


def own_entry(patient: "Patient", entry_id: UUID) -> Entry:
    """One entry of the patient's that was not taken out. Raises `NotFound`."""
    kept = _entries(patient, Standing.Who.PRIVATE, Standing.Who.THERAPIST, Standing.Who.SHARED)
    found = kept.filter(public_id=entry_id).first()
    if found is None:
        raise NotFound("There is no such entry of yours.")
    return found


def today_of(patient: "Patient", now: datetime) -> date:
    """The local date at the patient's site."""
    return now.astimezone(ZoneInfo(patient.site.time_zone)).date()


def bound_to(entry_id: UUID, patient: "Patient") -> str:
    """What a seal is tied to: table, column, row and patient. Moved anywhere else it does not open."""
    return f"journal_entry.body.{entry_id}.{patient.public_id}"


def anything_sealed() -> bool:
    """Whether anything was ever sealed: then a missing key is a loss, not a beginning."""
    return Entry.objects.exists() or Done.objects.filter(body__isnull=False).exists()


def _entries(patient: "Patient", *whose: Standing.Who) -> QuerySet[Entry]:
    """Entries whose latest standing is one of `whose`, newest first."""
    latest = Standing.objects.filter(entry__patient=patient).order_by("entry", "-id").distinct("entry")
    standing = Standing.objects.filter(pk__in=latest.values("pk"), who__in=[who.value for who in whose])
    rows = Entry.objects.filter(pk__in=standing.values("entry")).annotate(
        who=Subquery(latest.filter(entry=OuterRef("pk")).values("who")[:1])
    )
    return rows.select_related("patient").order_by("-written_at", "-id")


def _read(entry: Entry, seen: Iterable[Seen] = ()) -> Read:
    sealed = Sealed(entry.key_id, bytes(entry.body))
    text = unseal(
        sealed,
        keyring(JOURNAL, may_make=False),
        purpose=PURPOSE,
        bound_to=bound_to(entry.public_id, entry.patient),
    )
    return Read(entry, text, getattr(entry, "who", ""), tuple(seen))
