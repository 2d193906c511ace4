"""Moving a consent along its table of states, and its row in the audit trail."""

from collections.abc import Mapping
from datetime import datetime

from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Actor, Subject
from openkap.apps.consent.models import Consent
from openkap.apps.consent.states import consent_after


def locked(consent: Consent) -> Consent:
    """The consent as it is now, held until the transaction ends."""
    return (
        Consent.objects.select_for_update(of=("self",))
        .select_related("patient__site", "site", "episode")
        .get(pk=consent.pk)
    )


def move(consent: Consent, verb: str, *, now: datetime, reason: str = "") -> None:
    """Change the state by the table. Raises `NotAllowedNow`."""
    after = consent_after(consent.state, verb).value
    if after == consent.state:
        return
    consent.state, consent.state_at, consent.state_reason = after, now, reason
    consent.save(update_fields=["state", "state_at", "state_reason", "valid_until"])


def note(
    by: Actor, now: datetime, action: str, consent: Consent, details: Mapping[str, object] | None = None
) -> None:
    """A row in the trail; `details` are ids and counts, never what was said."""
    subject = Subject("consent", consent.public_id, consent.patient.public_id, consent.site_id)
    audit.record(by=by, now=now, action=f"consent.{action}", subject=subject, details=details)
