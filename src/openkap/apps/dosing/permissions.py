"""May this user do this in a session? What the session's state allows is judged by core.monitoring."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.dosing.models import Session
from openkap.apps.people.models import Patient
from openkap.apps.people.permissions import check_on_patient
from openkap.core.monitoring.events import Kind
from openkap.errors import Refused


def check_may_open(by: User, patient: Patient) -> None:
    """Whether `by` may open a session for the patient."""
    check_on_patient(by, patient, Permission.DOSING_RECORD)


def check_may_record(by: User, session: Session) -> None:
    """Whether `by` may write into the session at all."""
    check_on_patient(by, session.patient, Permission.DOSING_RECORD)


def check_may_decide(by: User, session: Session, kind: Kind, payload: Mapping[str, Any]) -> None:
    """Decisions against a rule are a prescriber's: a held dose going ahead, a release that is not ready."""
    against_a_rule = kind is Kind.DECISION_MADE or (
        kind is Kind.DISCHARGE_DECIDED and payload.get("override_reason")
    )
    if not against_a_rule:
        return
    try:
        check_on_patient(by, session.patient, Permission.DOSING_ORDER)
    except Refused:
        raise Refused(_("Only a prescriber may decide this.")) from None
