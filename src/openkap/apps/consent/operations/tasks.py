"""The tasks and alerts that consents bring with them."""

from datetime import datetime

from openkap.apps.audit.operations import Actor, SystemActor
from openkap.apps.consent.models import Consent, Question
from openkap.apps.tasks.kinds import AlertKind, TaskKind
from openkap.apps.tasks.operations import About, open_task, raise_alert, settle_task


def ask_to_countersign(consent: Consent, *, by: Actor, now: datetime, due_at: datetime) -> None:
    """Somebody has to confirm that it was explained and understood."""
    _open(
        consent,
        TaskKind.CONSENT_COUNTERSIGN,
        f"consent-countersign:{consent.public_id}",
        by=by,
        now=now,
        due_at=due_at,
    )


def settle_countersigning(consent: Consent, *, by: Actor, now: datetime) -> None:
    """Nothing is left to countersign."""
    settle_task(by=by, now=now, key=f"consent-countersign:{consent.public_id}")


def ask_for_answer(question: Question, consent: Consent, *, by: Actor, now: datetime, due_at: datetime) -> None:
    """The patient waits for an answer."""
    _open(
        consent,
        TaskKind.CONSENT_QUESTION,
        f"consent-question:{question.public_id}",
        by=by,
        now=now,
        due_at=due_at,
    )


def settle_answer(question: Question, *, by: Actor, now: datetime) -> None:
    """The question is answered."""
    settle_task(by=by, now=now, key=f"consent-question:{question.public_id}")


def ask_to_renew(consent: Consent, *, now: datetime, due_at: datetime) -> None:
    """The consent has ended, or ends soon: it has to be signed again."""
    _open(
        consent,
        TaskKind.CONSENT_RENEW,
        f"consent-renew:{consent.public_id}",
        by=SystemActor(),
        now=now,
        due_at=due_at,
    )


def settle_renewal(consent: Consent, *, by: Actor, now: datetime) -> None:
    """Signed again, or taken back: for this drug and route nothing waits any more."""
    for public_id in Consent.objects.filter(
        patient=consent.patient_id, drug=consent.drug, route=consent.route
    ).values_list("public_id", flat=True):
        settle_task(by=by, now=now, key=f"consent-renew:{public_id}")


def alert_of_withdrawal(consent: Consent, *, by: Actor, now: datetime, acknowledge_by: datetime) -> None:
    """The prescriber hears of it now: a plan may be running, and somebody should ask how the patient is."""
    raise_alert(
        by=by,
        now=now,
        kind=AlertKind.CONSENT_WITHDRAWN,
        key=f"consent-withdrawn:{consent.public_id}",
        patient=consent.patient,
        severity="now",
        acknowledge_by=acknowledge_by,
        about=About("consent", consent.public_id),
        detail=_drug_and_route(consent),
    )


def _open(consent: Consent, kind: TaskKind, key: str, *, by: Actor, now: datetime, due_at: datetime) -> None:
    open_task(
        by=by,
        now=now,
        kind=kind,
        key=key,
        site=consent.site,
        patient=consent.patient,
        due_at=due_at,
        about=About("consent", consent.public_id),
        detail=_drug_and_route(consent),
    )


def _drug_and_route(consent: Consent) -> str:
    return f"{consent.get_drug_display()}, {consent.get_route_display()}"
