"""Saying no, before or after signing. It takes effect at once."""

from datetime import datetime, timedelta

from django.db import transaction

from openkap.apps.access.models import User
from openkap.apps.consent import queries
from openkap.apps.consent.models import Consent, Withdrawal
from openkap.apps.consent.operations.moving import locked, move, note
from openkap.apps.consent.operations.tasks import (
    alert_of_withdrawal,
    ask_how_it_goes_on,
    settle_countersigning,
    settle_renewal,
)
from openkap.apps.consent.permissions import check_may_withdraw, is_patient
from openkap.apps.consent.states import OPEN, ConsentState, consent_after
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures.operations import keep_asks_of

MOST = 2000
STANDS = (ConsentState.SIGNED, ConsentState.VALID)


@transaction.atomic
def withdraw(*, by: User, now: datetime, consent: Consent, reason: str = "") -> Consent:
    """The patient takes back what was signed: in the portal, or by telling a member of staff.

    No reason is needed. From now on no dose starts; whatever else is signed or open for the same drug and route
    ends with it. What the treatment asks the patient to fill in stops with its reminders; what a person asked
    for by hand stays. The prescriber is alerted, and decides how it goes on. Raises `Refused`, `NotAllowedNow`.
    """
    check_may_withdraw(by, consent)
    consent = locked(consent)
    consent_after(consent.state, "withdraw")
    _withdraw(consent, by=by, now=now, reason=reason)
    others = Consent.objects.filter(patient=consent.patient_id, drug=consent.drug, route=consent.route)
    for other in others.filter(state__in=[state.value for state in (*OPEN, *STANDS)]).select_related("patient"):
        if ConsentState(other.state) in STANDS:
            _withdraw(locked(other), by=by, now=now, reason=reason)
        else:
            move(other, "decline", now=now)
    rules = queries.rules_of(knowledge_for(consent.site, now))
    until = now + timedelta(minutes=rules.withdrawal_alert_within_minutes)
    alert_of_withdrawal(consent, by=by, now=now, acknowledge_by=until)
    due_at = now + timedelta(hours=rules.decide_after_withdrawal_within_hours)
    ask_how_it_goes_on(consent, by=by, now=now, due_at=due_at)
    keep_asks_of(now=now, patient=consent.patient)
    return consent


@transaction.atomic
def decline(*, by: User, now: datetime, consent: Consent, reason: str = "") -> Consent:
    """The patient does not want to sign what was offered. Raises `Refused`, `NotAllowedNow`."""
    check_may_withdraw(by, consent)
    consent = locked(consent)
    move(consent, "decline", now=now, reason=reason.strip()[:MOST])
    note(by, now, "decline", consent)
    return consent


def _withdraw(consent: Consent, *, by: User, now: datetime, reason: str) -> None:
    own = is_patient(by, consent.patient)
    move(consent, "withdraw", now=now)
    Withdrawal.objects.create(
        consent=consent, at=now, by_patient=own, recorded_by=by, reason=reason.strip()[:MOST]
    )
    settle_countersigning(consent, by=by, now=now)
    settle_renewal(consent, by=by, now=now)
    note(by, now, "withdraw", consent, {"by_patient": own})
