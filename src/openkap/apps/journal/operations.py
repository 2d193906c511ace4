"""Writing a journal, sharing it, and agreeing on practice: the patient's own, but for what staff agree on."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.adapters.sealing import JOURNAL, keyring, seal
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.journal import queries
from openkap.apps.journal.models import Done, Entry, Practice, Standing
from openkap.apps.people.permissions import check_on_patient
from openkap.apps.sites.rows import new_id
from openkap.errors import BadInput, NotAllowedNow, Refused

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

LONGEST = 8000
LONGEST_TITLE = 80


@transaction.atomic
def write_entry(*, by: User, now: datetime, patient: "Patient", kind: str, text: str, share: bool) -> Entry:
    """Seal what the patient wrote, private unless they `share` it. Raises `Refused`, `BadInput`."""
    _check_own(by, patient)
    if kind not in Entry.Kind.values:
        raise BadInput(_("Say what kind of entry it is."), field="kind")
    public_id, words = new_id(), _text(text, LONGEST, "text")
    ring = keyring(JOURNAL, may_make=not queries.any_entry())
    sealed = seal(words, ring, purpose=queries.PURPOSE, bound_to=queries.bound_to(public_id, patient))
    entry = Entry.objects.create(
        public_id=public_id,
        site_id=patient.site_id,
        patient=patient,
        kind=kind,
        key_id=sealed.key_id,
        body=sealed.body,
        written_at=now,
    )
    who = Standing.Who.SHARED if share else Standing.Who.PRIVATE
    Standing.objects.create(entry=entry, who=who, since=now)
    _record(by, now, "journal.write", entry, who.value)
    return entry


@transaction.atomic
def choose_readers(*, by: User, now: datetime, entry: Entry, who: str) -> None:
    """Share an entry, keep it to oneself again, or take it out of sight for good. Raises `Refused`, `BadInput`.

    What staff read while it was shared, they have read; the access log says who.
    """
    _check_own(by, entry.patient)
    if who not in Standing.Who.values:
        raise BadInput(_("Choose who may read it."), field="who")
    latest = entry.standings.order_by("-id").first()
    if latest is not None and latest.who == Standing.Who.REMOVED:
        raise NotAllowedNow(_("This entry was taken out."))
    if latest is None or latest.who != who:
        Standing.objects.create(entry=entry, who=who, since=now)
        _record(by, now, "journal.share", entry, who)


@transaction.atomic
def agree_on_practice(
    *, by: User, now: datetime, patient: "Patient", title: str, how: str = "", often: str = ""
) -> Practice:
    """Put something to practise on the patient's list. Raises `Refused`, `BadInput`."""
    check_on_patient(by, patient, Permission.THERAPY_WRITE)
    practice = Practice.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        title=_text(title, LONGEST_TITLE, "title"),
        how=_text(how, LONGEST, "how", may_be_empty=True),
        often=_text(often, LONGEST_TITLE, "often", may_be_empty=True),
    )
    audit.record(by=by, now=now, action="journal.agree-practice", subject=_subject(practice, "practice"))
    return practice


@transaction.atomic
def end_practice(*, by: User, now: datetime, practice: Practice) -> None:
    """Take it off the list; what was done stays. Raises `Refused`, `NotAllowedNow`."""
    check_on_patient(by, practice.patient, Permission.THERAPY_WRITE)
    if not Practice.objects.filter(pk=practice.pk, ended_at__isnull=True).update(ended_at=now, ended_by=by):
        raise NotAllowedNow(_("This practice has ended already."))
    audit.record(by=by, now=now, action="journal.end-practice", subject=_subject(practice, "practice"))


@transaction.atomic
def note_done(*, by: User, now: datetime, practice: Practice) -> None:
    """The patient did it today; saying so twice counts once. Raises `Refused`."""
    _check_own(by, practice.patient)
    day = queries.today_of(practice.patient, now)
    _done, is_new = Done.objects.get_or_create(practice=practice, on=day, defaults={"said_at": now})
    if is_new:
        audit.record(by=by, now=now, action="journal.practise", subject=_subject(practice, "practice"))


def _check_own(by: User, patient: "Patient") -> None:
    if patient.user_id != by.pk:
        raise Refused(_("Only the patient writes in their journal."))


def _text(text: str, longest: int, field: str, *, may_be_empty: bool = False) -> str:
    clean = text.strip()
    if not clean and not may_be_empty:
        raise BadInput(_("There is nothing written yet."), field=field)
    if len(clean) > longest or "\x00" in clean:
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": longest}, field=field)
    return clean


def _record(by: User, now: datetime, action: str, entry: Entry, who: str) -> None:
    audit.record(by=by, now=now, action=action, subject=_subject(entry, "entry"), details={"who": who})


def _subject(row: Entry | Practice, kind: str) -> audit.Subject:
    return audit.Subject(kind, row.public_id, row.patient.public_id, row.site_id)
