"""Writing a journal, and saying who may read it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.adapters.sealing import JOURNAL, keyring, seal
from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.journal import queries
from openkap.apps.journal.models import Entry, Seen, Standing
from openkap.apps.journal.operations.checks import LONGEST, check_own, checked_text, subject_of
from openkap.apps.people import operations as people
from openkap.apps.sites.rows import new_id
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

AT_FIRST = (Standing.Who.PRIVATE.value, Standing.Who.THERAPIST.value, Standing.Who.SHARED.value)


@transaction.atomic
def write_entry(*, by: User, now: datetime, patient: "Patient", kind: str, text: str, who: str) -> Entry:
    """Seal what the patient wrote, for the eyes of `who`. Raises `Refused`, `BadInput`."""
    check_own(by, patient)
    if kind not in Entry.Kind.values:
        raise BadInput(_("Say what kind of entry it is."), field="kind")
    if who not in AT_FIRST:
        raise BadInput(_("Choose who may read it."), field="who")
    public_id, words = new_id(), checked_text(text, LONGEST, "text")
    ring = keyring(JOURNAL, may_make=not queries.anything_sealed())
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
    Standing.objects.create(entry=entry, who=who, since=now)
    _record(by, now, "journal.write", entry, who)
    return entry


@transaction.atomic
def choose_readers(*, by: User, now: datetime, entry: Entry, who: str) -> None:
    """Share an entry, keep it to oneself again, or take it out of sight for good. Raises `Refused`, `BadInput`.

    From then on nobody else opens it. Who had it before them until then stays known, to the patient too.
    """
    check_own(by, entry.patient)
    if who not in Standing.Who.values:
        raise BadInput(_("Choose who may read it."), field="who")
    people.lock(entry.patient)
    latest = entry.standings.order_by("-id").first()
    if latest is not None and latest.who == Standing.Who.REMOVED:
        raise NotAllowedNow(_("This entry was taken out."))
    if latest is None or latest.who != who:
        Standing.objects.create(entry=entry, who=who, since=now)
        _record(by, now, "journal.share", entry, who)


@transaction.atomic
def note_seen(*, by: User, now: datetime, patient: "Patient", entries: Sequence[Entry]) -> None:
    """Somebody of the staff has these before them: one row of the trail, and who saw which first when.

    The caller has shown them what `queries.shared_entries` lets them read, and nothing else.
    """
    Seen.objects.bulk_create(
        (Seen(entry=entry, reader=by, first_at=now) for entry in entries), ignore_conflicts=True
    )
    details = {"entries": [str(entry.public_id) for entry in entries]}
    audit.record(by=by, now=now, action="journal.read", subject=people.subject_of(patient), details=details)


def _record(by: User, now: datetime, action: str, entry: Entry, who: str) -> None:
    audit.record(by=by, now=now, action=action, subject=subject_of(entry), details={"who": who})
