"""What every write of a journal holds to."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.journal.models import Entry, Practice
from openkap.errors import BadInput, Refused

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

LONGEST = 8000
LONGEST_TITLE = 80


def check_own(by: User, patient: "Patient") -> None:
    """The patient alone. Raises `Refused`."""
    if patient.user_id != by.pk:
        raise Refused(_("Only the patient writes in their journal."))


def checked_text(text: str, longest: int, field: str, *, may_be_empty: bool = False) -> str:
    """The text without outer spaces. Raises `BadInput` when there is none, or too much."""
    clean = text.strip()
    if not clean and not may_be_empty:
        raise BadInput(_("There is nothing written yet."), field=field)
    if len(clean) > longest or "\x00" in clean:
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": longest}, field=field)
    return clean


def subject_of(row: Entry | Practice) -> audit.Subject:
    """What a row of the trail is about."""
    kind = "entry" if isinstance(row, Entry) else "practice"
    return audit.Subject(kind, row.public_id, row.patient.public_id, row.site_id)
