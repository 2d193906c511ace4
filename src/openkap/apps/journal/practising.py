"""What patients practise, how often they did it, and what they noted about it. Check the viewer beforehand."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from openkap.adapters.sealing import JOURNAL, Sealed, keyring, unseal
from openkap.apps.journal.models import Done, Practice, Reminder
from openkap.apps.journal.queries import PURPOSE, today_of
from openkap.apps.journal.words import said
from openkap.errors import NotFound
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.therapy_method import TherapyMethod

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

A_WEEK = 7  # days that a practice is counted over
FOUR_WEEKS = 28  # days that staff see


@dataclass(frozen=True)
class Day:
    """One day of a practice. `note` is what the patient wrote about it, if it was opened."""

    on: date
    is_done: bool
    note: str = ""


@dataclass(frozen=True)
class Habit:
    """A practice with its last days, oldest first, today among them."""

    practice: Practice
    all_days: tuple[Day, ...]

    @property
    def week(self) -> tuple[Day, ...]:
        """The last seven days."""
        return self.all_days[-A_WEEK:]

    @property
    def days(self) -> int:
        """On how many of the last seven days it was done."""
        return sum(day.is_done for day in self.week)

    @property
    def days_of_four_weeks(self) -> int:
        """On how many of all days shown."""
        return sum(day.is_done for day in self.all_days)

    @property
    def is_done_today(self) -> bool:
        return self.all_days[-1].is_done

    @property
    def notes(self) -> list[Day]:
        """Days with a note, the latest first."""
        return [day for day in reversed(self.all_days) if day.note]

    @property
    def method(self) -> str:
        """The way of working it belongs to, in words; '' without one."""
        return dict(methods()).get(self.practice.method, "")

    @property
    def reminder(self) -> Reminder | None:
        """How the patient wants to be reminded, while it is on."""
        found = getattr(self.practice, "reminder", None)
        return found if found is not None and found.next_at is not None else None


def practices_of(patient: "Patient") -> QuerySet[Practice]:
    """What the patient practises now, oldest first."""
    rows = Practice.objects.filter(patient=patient, ended_at__isnull=True)
    return rows.select_related("recorded_by", "patient__site", "site", "reminder").order_by("id")


def ended_practices_of(patient: "Patient") -> QuerySet[Practice]:
    """What they practised before, the latest first."""
    rows = Practice.objects.filter(patient=patient, ended_at__isnull=False)
    return rows.select_related("recorded_by", "ended_by").order_by("-ended_at", "-id")


def practice_of(patient: "Patient", practice_id: UUID) -> Practice:
    """One present practice of the patient. Raises `NotFound`."""
    found = practices_of(patient).filter(public_id=practice_id).first()
    if found is None:
        raise NotFound("There is no such practice.")
    return found


def habits_of(patient: "Patient", now: datetime, *, with_notes: bool = False) -> list[Habit]:
    """The practices with what was done in the last four weeks of the site's days."""
    return _habits(list(practices_of(patient)), today_of(patient, now), with_notes=with_notes)


def habit_of(practice: Practice, now: datetime) -> Habit:
    """One practice with its days and notes."""
    (habit,) = _habits([practice], today_of(practice.patient, now), with_notes=True)
    return habit


def is_on_list(patient: "Patient", note_id: UUID) -> bool:
    """Whether the homework of this note is practised now."""
    return practices_of(patient).filter(from_note=note_id).exists()


def methods() -> list[tuple[str, str]]:
    """Ways of working in therapy: id and name, in their order."""
    known: dict[str, TherapyMethod] = read_kind("therapy_methods", TherapyMethod)
    return [(one.id, said(one.title)) for one in sorted(known.values(), key=lambda one: one.order)]


def note_bound_to(done: Done) -> str:
    """What the seal of a note is tied to: table, column, practice, day and patient."""
    practice = done.practice
    return f"journal_done.body.{practice.public_id}.{done.on}.{practice.patient.public_id}"


def _habits(practices: list[Practice], today: date, *, with_notes: bool) -> list[Habit]:
    first = today - timedelta(days=FOUR_WEEKS - 1)
    rows = Done.objects.filter(practice__in=practices, on__range=(first, today)).select_related(
        "practice__patient"
    )
    found: dict[int, dict[date, Done]] = {practice.pk: {} for practice in practices}
    for row in rows if with_notes else rows.defer("body"):
        found[row.practice_id][row.on] = row
    days = [first + timedelta(days=n) for n in range(FOUR_WEEKS)]
    return [
        Habit(practice, tuple(_day(day, found[practice.pk].get(day), with_notes) for day in days))
        for practice in practices
    ]


def _day(day: date, done: Done | None, with_notes: bool) -> Day:
    note = _opened(done) if with_notes and done is not None else ""
    return Day(day, done is not None, note)


def _opened(done: Done) -> str:
    if done.body is None:
        return ""
    sealed = Sealed(done.key_id, bytes(done.body))
    return unseal(sealed, keyring(JOURNAL, may_make=False), purpose=PURPOSE, bound_to=note_bound_to(done))
