"""The only writes of steps and sleep."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.lifestyle.drafts import Draft, digest_of_days
from openkap.apps.lifestyle.models import DayCount, DeviceFile
from openkap.apps.lifestyle.permissions import check_may_bring, check_own
from openkap.apps.people import operations as people
from openkap.core.lifestyle import Chosen, Kind
from openkap.errors import NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@transaction.atomic
def keep_days(
    *, by: User, now: datetime, patient: "Patient", draft: Draft, preferred: dict[Kind, str] | None = None
) -> tuple[DeviceFile, bool]:
    """Keep the days of a file; the same days once more change nothing. Returns whether they are new.

    Raises `Refused`, `NotAllowedNow` for a table that nobody has explained.
    """
    check_may_bring(by, patient)
    days = draft.days(preferred or {})
    if not days:
        raise NotAllowedNow(_("There is nothing in this file to be kept."))
    people.lock(patient)
    there = DeviceFile.objects.filter(
        patient=patient, days_digest=digest_of_days(days), removed_at__isnull=True
    ).first()
    if there is not None:
        return there, False
    kept = _create(by, now, patient, draft, days)
    details = {"days": len({one.day for one in days}), "form": kept.form}
    audit.record(by=by, now=now, action="lifestyle.keep", subject=_of(kept), details=details)
    return kept, True


@transaction.atomic
def remove_file(*, by: User, now: datetime, file: DeviceFile) -> None:
    """Delete the days of a file; days of an earlier file hold again. Raises `Refused`, `NotAllowedNow`."""
    check_own(by, file.patient)
    open_file = DeviceFile.objects.filter(pk=file.pk, removed_at__isnull=True)
    if not open_file.update(removed_at=now, removed_by=by):
        raise NotAllowedNow(_("This file was taken out already."))
    DayCount.objects.filter(file=file).delete()
    audit.record(by=by, now=now, action="lifestyle.remove", subject=_of(file))


def _create(by: User, now: datetime, patient: "Patient", draft: Draft, days: list[Chosen]) -> DeviceFile:
    kept = DeviceFile.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        form=draft.form,
        file_digest=draft.digest,
        days_digest=digest_of_days(days),
        first_day=min(one.day for one in days),
        last_day=max(one.day for one in days),
        skipped={why.value: n for why, n in draft.found.skipped.items()},
    )
    DayCount.objects.bulk_create(
        DayCount(
            site_id=patient.site_id,
            patient=patient,
            recorded_at=now,
            recorded_by=by,
            file=kept,
            kind=one.kind.value,
            on=one.day,
            amount=one.amount,
            device=one.device,
        )
        for one in days
    )
    return kept


def _of(file: DeviceFile) -> audit.Subject:
    return audit.Subject("device-file", file.public_id, file.patient.public_id, file.site_id)
