"""The psychiatrist's decision at high risk: emergency care, a dose in a setting of higher care, or none."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.people import operations as people
from openkap.apps.safety import queries
from openkap.apps.safety.models import Decision, Opening
from openkap.apps.safety.operations.opening import decision_key
from openkap.apps.safety.permissions import check_alive, check_may_decide
from openkap.apps.tasks.operations import settle_task
from openkap.core.assessment.suicide_risk import Choice
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

LONGEST = {"reason": 4000, "setting": 200}


@transaction.atomic
def decide(
    *, by: User, now: datetime, patient: "Patient", choice: str, reason: str, setting: str = ""
) -> Decision:
    """Sign the decision on the last opening that asks for one; earlier ones are settled by it.

    `setting` says where a dose may be given, for 'higher-care' only. Raises `Refused`, `BadInput`, and
    `NotAllowedNow` when nothing waits for a decision.
    """
    check_may_decide(by, patient)
    check_alive(patient)
    people.lock(patient)
    opening = queries.last_opening_to_decide(patient)
    if opening is None or queries.decision_on(opening) is not None:
        raise NotAllowedNow(_("Nothing waits for a decision now."))
    if choice not in {one.value for one in Choice}:
        raise BadInput(_("Choose what is decided."), field="choice")
    is_higher = choice == Choice.HIGHER_CARE
    decision = Decision.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        opening=opening,
        choice=choice,
        setting=_text(setting, "setting", _("Say in which setting.")) if is_higher else "",
        reason=_text(reason, "reason", _("Say why.")),
    )
    for one in Opening.objects.filter(patient=patient, asks_decision=True):
        settle_task(by=by, now=now, key=decision_key(one))
    subject = Subject("risk-decision", decision.public_id, patient.public_id, patient.site_id)
    audit.record(by=by, now=now, action="safety.decide", subject=subject, details={"choice": choice})
    return decision


def _text(text: str, field: str, missing: str) -> str:
    clean = text.strip()
    if not clean:
        raise BadInput(missing, field=field)
    if len(clean) > LONGEST[field] or "\x00" in clean:
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": LONGEST[field]}, field=field)
    return clean
