"""The tasks and alerts that consents bring with them."""

from datetime import datetime
from uuid import UUID

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
    for public_id in _all_of(consent):
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


def ask_how_it_goes_on(consent: Consent, *, by: Actor, now: datetime, due_at: datetime) -> None:
    """What the treatment asks has stopped with the consent: who treats decides what now."""
    open_task(
        by=by,
        now=now,
        kind=TaskKind.CONSENT_STOPPED,
        key=f"consent-stopped:{consent.public_id}",
        site=consent.site,
        patient=consent.patient,
        owner=consent.episode.prescriber,
        due_at=due_at,
        about=About("consent", consent.public_id),
        detail=_drug_and_route(consent),
    )


def settle_how_it_goes_on(consent: Consent, *, by: Actor, now: datetime) -> None:
    """The patient has agreed anew to this drug and route."""
    for public_id in _all_of(consent):
        settle_task(by=by, now=now, key=f"consent-stopped:{public_id}")


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


def _all_of(consent: Consent) -> list[UUID]:
    """Every consent of the patient to this drug and route."""
    rows = Consent.objects.filter(patient=consent.patient_id, drug=consent.drug, route=consent.route)
    return list(rows.values_list("public_id", flat=True))


def _drug_and_route(consent: Consent) -> str:
    return f"{consent.get_drug_display()}, {consent.get_route_display()}"
