"""Looking for what fell through: all is done with the answer itself, so this finds nothing on a good day."""

from datetime import datetime, timedelta

from django.db import transaction

from openkap.apps.audit.operations import SystemActor
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.safety.models import Opening, Screen
from openkap.apps.safety.operations.alerting import call, raise_named
from openkap.apps.safety.operations.opening import open_tasks
from openkap.apps.safety.rota import duty_at
from openkap.apps.tasks import queries as tasks
from openkap.apps.tasks.kinds import AlertKind
from openkap.apps.tasks.operations import About, hand_over_alert
from openkap.core.assessment.suicide_risk import Attention

LOOKED_BACK = timedelta(days=3)


def keep_safety(*, now: datetime) -> int:
    """Open what is missing and name whoever is on duty now. Returns how much was mended or handed over.

    Safe to run at any time, twice, or late.
    """
    return _mend_alerts(now) + _mend_tasks(now) + _hand_over(now)


def _mend_alerts(now: datetime) -> int:
    """Answers that ask for a person and have no alert."""
    since = now - LOOKED_BACK
    found = Screen.objects.filter(attention=Attention.NOW.value, alert_key="", recorded_at__gte=since)
    lost = list(found.select_related("patient__site"))
    for row in lost:
        with transaction.atomic():
            key = f"safety-answer:{row.source_id}:{row.pk}"
            raise_named(
                by=SystemActor(),
                now=now,
                patient=row.patient,
                key=key,
                about=About("risk", row.source_id, row.instrument_id),
                detail=row.abbreviation,
                known=knowledge_for(row.patient.site, now),
            )
            row.alert_key = key
            row.save(update_fields=["alert_key"])
    return len(lost)


def _mend_tasks(now: datetime) -> int:
    """Openings whose steps were not all opened."""
    mended = 0
    for opening in Opening.objects.filter(recorded_at__gte=now - LOOKED_BACK).select_related("patient__site"):
        there = tasks.tasks_of(opening.patient).filter(about_id=opening.public_id).count()
        if there < len(opening.steps) + opening.asks_decision:
            with transaction.atomic():
                open_tasks(opening, by=SystemActor())
            mended += 1
    return mended


def _hand_over(now: datetime) -> int:
    """Unanswered alerts name who is on duty now, not who was."""
    changed = 0
    for alert in tasks.unanswered_alerts(AlertKind.SUICIDE_ITEM.value):
        duty = duty_at(alert.site, now)
        if duty.user is None or alert.owner == duty.user:
            continue
        with transaction.atomic():
            if hand_over_alert(by=SystemActor(), now=now, alert=alert, owner=duty.user):
                call(alert, duty, now)
                changed += 1
    return changed
