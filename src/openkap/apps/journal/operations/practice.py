"""Agreeing on something to practise, and saying that it was done."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.adapters.sealing import JOURNAL, keyring, seal
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.journal import practising, queries
from openkap.apps.journal.models import Done, Practice, Reminder
from openkap.apps.journal.operations.checks import (
    LONGEST,
    LONGEST_TITLE,
    check_own,
    checked_text,
    subject_of,
)
from openkap.apps.people.permissions import check_on_patient
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

LONGEST_NOTE = 1000


@transaction.atomic
def agree_on_practice(
    *,
    by: User,
    now: datetime,
    patient: "Patient",
    title: str,
    how: str = "",
    often: str = "",
    method: str = "",
    from_note: UUID | None = None,
) -> Practice:
    """Put something to practise on the patient's list. Raises `Refused`, `BadInput`.

    `method` is the id of a way of working in therapy, `from_note` the note whose homework it is; the same
    homework is put on the list once.
    """
    check_on_patient(by, patient, Permission.THERAPY_WRITE)
    if method and method not in dict(practising.methods()):
        raise BadInput(_("This way of working is not known."), field="method")
    if from_note and practising.practices_of(patient).filter(from_note=from_note).exists():
        raise NotAllowedNow(_("This is on the list already."))
    practice = Practice.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        title=checked_text(title, LONGEST_TITLE, "title"),
        how=checked_text(how, LONGEST, "how", may_be_empty=True),
        often=checked_text(often, LONGEST_TITLE, "often", may_be_empty=True),
        method=method,
        from_note=from_note,
    )
    audit.record(by=by, now=now, action="journal.agree-practice", subject=subject_of(practice))
    return practice


@transaction.atomic
def end_practice(*, by: User, now: datetime, practice: Practice) -> None:
    """Take it off the list, with its reminder; what was done stays. Raises `Refused`, `NotAllowedNow`."""
    check_on_patient(by, practice.patient, Permission.THERAPY_WRITE)
    if not Practice.objects.filter(pk=practice.pk, ended_at__isnull=True).update(ended_at=now, ended_by=by):
        raise NotAllowedNow(_("This practice has ended already."))
    Reminder.objects.filter(practice=practice).update(next_at=None)
    audit.record(by=by, now=now, action="journal.end-practice", subject=subject_of(practice))


@transaction.atomic
def note_done(*, by: User, now: datetime, practice: Practice, note: str = "") -> None:
    """The patient did it today; saying so twice counts once, and a note can be added until there is one.

    Raises `Refused`, `BadInput`, `NotAllowedNow` when it has ended or today has its note.
    """
    _check_goes_on(by, practice)
    words = checked_text(note, LONGEST_NOTE, "note", may_be_empty=True)
    day = queries.today_of(practice.patient, now)
    done, is_new = Done.objects.get_or_create(practice=practice, on=day, defaults={"said_at": now})
    if words:
        _add_note(done, words)
    if is_new:
        audit.record(by=by, now=now, action="journal.practise", subject=subject_of(practice))


@transaction.atomic
def take_back_done(*, by: User, now: datetime, practice: Practice) -> None:
    """It was a slip: not done today after all, and its note is gone. Raises `Refused`, `NotAllowedNow`."""
    _check_goes_on(by, practice)
    gone, _rows = Done.objects.filter(practice=practice, on=queries.today_of(practice.patient, now)).delete()
    if gone:
        audit.record(by=by, now=now, action="journal.take-back-done", subject=subject_of(practice))


def _check_goes_on(by: User, practice: Practice) -> None:
    check_own(by, practice.patient)
    if Practice.objects.select_for_update().get(pk=practice.pk).ended_at is not None:
        raise NotAllowedNow(_("This practice has ended."))


def _add_note(done: Done, words: str) -> None:
    if done.body is not None:
        raise NotAllowedNow(_("Today has its note already."))
    ring = keyring(JOURNAL, may_make=not queries.anything_sealed())
    sealed = seal(words, ring, purpose=queries.PURPOSE, bound_to=practising.note_bound_to(done))
    done.key_id, done.body = sealed.key_id, sealed.body
    done.save(update_fields=["key_id", "body"])
