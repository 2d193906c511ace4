"""What pages of other apps show of consent."""

from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import get_language

from openkap.apps.assessment.queries import current_episode
from openkap.apps.consent.queries import standing_of
from openkap.apps.consent.shown import standing_note
from openkap.apps.consent.texts import addenda_for
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.knowledge_base.words import text_in
from openkap.apps.people.models import Patient

register = template.Library()


@register.inclusion_tag("consent/notice.html")
def consent_notice(patient: Patient, per_week: int = 0) -> dict[str, Any]:
    """How consent stands for what is treated, and which addenda a plan of so many doses a week asks for."""
    now, episode = timezone.now(), current_episode(patient)
    if episode is None:
        return {"patient": patient, "standing": None}
    standing = standing_of(patient, episode.drug, episode.route, now)
    known = knowledge_for(patient.site, now)
    lacking = [
        text_in(addendum.title, get_language() or "en")
        for addendum in addenda_for(known, episode.drug, episode.route)
        if addendum.suggested_from_per_week is not None
        and per_week >= addendum.suggested_from_per_week
        and addendum.id not in standing.addenda
    ]
    return {
        "patient": patient,
        "standing": standing,
        "note": standing_note(standing),
        "lacking": lacking if standing.is_valid else [],
    }
