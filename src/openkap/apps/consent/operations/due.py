"""Consents that no longer hold, or soon will not: found by the sweep, each a task for somebody."""

from datetime import datetime, timedelta

from django.db import transaction

from openkap.apps.audit.operations import SystemActor
from openkap.apps.consent import queries
from openkap.apps.consent.models import Consent
from openkap.apps.consent.operations.moving import locked, move, note
from openkap.apps.consent.operations.tasks import ask_to_renew
from openkap.apps.consent.states import ConsentState
from openkap.apps.knowledge_base.queries import knowledge_for


def renew_due(*, now: datetime) -> int:
    """End what has expired or whose text has changed, and ask for a new signature; also shortly before the end.

    Returns how many consents were found. Safe to run at any time, twice, or late: whether a dose may be given
    never waits for it, it is judged when it is asked.
    """
    return sum(_renew(consent, now) for consent in queries.valid_consents())


@transaction.atomic
def _renew(consent: Consent, now: datetime) -> int:
    rules = queries.rules_of(knowledge_for(consent.site, now))
    verb = (
        "supersede"
        if queries.is_outdated(consent, now)
        else "expire"
        if queries.is_expired(consent, now)
        else ""
    )
    soon = queries.is_expired(consent, now + timedelta(days=rules.ask_again_days_before))
    if not (verb or soon):
        return 0
    consent = locked(consent)
    if consent.state != ConsentState.VALID.value:  # somebody was faster
        return 0
    if verb:
        move(consent, verb, now=now)
        note(SystemActor(), now, verb, consent)
    ask_to_renew(consent, now=now, due_at=now + timedelta(days=rules.ask_again_within_days))
    return 1
