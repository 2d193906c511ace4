"""What a patient told about themselves, taken into the chart by a member of staff who looked at it.

It stands there as told: a problem as not confirmed, so that no rule takes it for settled either way, a medicine
as a statement, an allergy as one to beware of.
"""

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.chart.models import Allergy, ChartFact, Condition, MedicationUse
from openkap.apps.chart.permissions import check_may_write
from openkap.apps.people import operations as people
from openkap.errors import BadInput
from openkap.units.partial_dates import PartialDate

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

LONGEST = 300
NONE_KNOWN = "No known allergies"  # the words by which the knowledge base tells this statement
Told = TypeVar("Told", Condition, MedicationUse, Allergy)


def take_condition(
    *, by: audit.Actor, now: datetime, patient: "Patient", text: str, since: str = ""
) -> Condition:
    """A problem the patient told of; `since` in their words. Raises `Refused`, `BadInput`."""
    row = Condition(
        clinical_status="active",
        verification_status="unconfirmed",
        onset_text=_checked(since, "since", may_be_empty=True),
        noted=_today(now),
    )
    return _keep(row, by, now, patient, text)


def take_medication(
    *, by: audit.Actor, now: datetime, patient: "Patient", text: str, dosage: str = ""
) -> MedicationUse:
    """A medicine the patient says they take; `dosage` in their words. Raises `Refused`, `BadInput`."""
    row = MedicationUse(
        kind=MedicationUse.Kind.STATEMENT,
        status="active",
        authored=_today(now),
        dosage=_checked(dosage, "dosage", may_be_empty=True),
    )
    return _keep(row, by, now, patient, text)


def take_allergy(
    *, by: audit.Actor, now: datetime, patient: "Patient", text: str, reactions: str = ""
) -> Allergy:
    """Something the patient does not tolerate, and what happens. Raises `Refused`, `BadInput`."""
    row = Allergy(
        clinical_status="active",
        verification_status="unconfirmed",
        noted=_today(now),
        reactions=_checked(reactions, "reactions", may_be_empty=True),
    )
    return _keep(row, by, now, patient, text)


def take_no_allergies(*, by: audit.Actor, now: datetime, patient: "Patient") -> Allergy:
    """The patient's statement that they know of no allergy. Raises `Refused`."""
    row = Allergy(clinical_status="active", verification_status="unconfirmed", noted=_today(now))
    return _keep(row, by, now, patient, NONE_KNOWN)


@transaction.atomic
def _keep(row: Told, by: audit.Actor, now: datetime, patient: "Patient", text: str) -> Told:
    check_may_write(by, patient)
    row.text = _checked(text, "text")
    row.provenance = ChartFact.Provenance.PATIENT
    row.site_id, row.patient = patient.site_id, patient
    row.recorded_at, row.recorded_by = now, by if isinstance(by, User) else None
    row.save()
    audit.record(
        by=by,
        now=now,
        action="chart.take",
        subject=people.subject_of(patient),
        details={"kind": type(row).__name__, "row": str(row.public_id)},
    )
    return row


def _checked(text: str, field: str, *, may_be_empty: bool = False) -> str:
    clean = " ".join(text.split())
    if "\x00" in clean:
        raise BadInput(_("This holds a character that cannot be stored."), field=field)
    if len(clean) > LONGEST:
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": LONGEST}, field=field)
    if not clean and not may_be_empty:
        raise BadInput(_("There is nothing to take over."), field=field)
    return clean


def _today(now: datetime) -> PartialDate:
    return PartialDate.parse(now.isoformat(timespec="seconds"))
