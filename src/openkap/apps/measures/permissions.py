"""Who may enter answers. The system (set-up, import) may, and patients their own when they are asked."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.audit.operations import Actor
from openkap.apps.measures.models import Ask, AskState
from openkap.apps.people.permissions import check_on_patient
from openkap.errors import NotAllowedNow, Refused
from openkap.knowledge.schema.instrument import Instrument, Respondent

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.sites.models import Site


def check_may_enter(by: Actor, patient: "Patient") -> None:
    """Whether `by` may enter answers of this patient. Raises `Refused` with the reason."""
    if isinstance(by, User) and patient.user_id == by.pk:
        return
    check_on_patient(by, patient, Permission.MEASURE_ENTER)


def check_may_limit(by: User, site: "Site") -> None:
    """Whether `by` says how much patients of the site are asked. Raises `Refused`."""
    if site.pk not in access.sites_where(by, Permission.KNOWLEDGE_SIGN):
        raise Refused(_("Only the medical director of the site sets this limit."))


def check_own(by: User, patient: "Patient") -> None:
    """Whether `by` is the patient. Raises `Refused`."""
    if patient.user_id != by.pk:
        raise Refused(_("Only the patient fills in these pages."))


def check_is_asked(patient: "Patient", instrument: Instrument, now: datetime) -> None:
    """Whether somebody asks the patient for it now. Raises `NotAllowedNow`."""
    asked = Ask.objects.filter(
        patient=patient, instrument_id=instrument.id, state=AskState.ASKED, expires_at__gt=now
    )
    if instrument.respondent is not Respondent.PATIENT or not instrument.items or not asked.exists():
        raise NotAllowedNow(_("There is nothing to fill in now."))
