"""What pages of other apps show of a patient's own way in."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import holds
from openkap.apps.portal.queries import access_of
from openkap.web.portal_visits import weekday_in_words

register = template.Library()
register.filter("weekday", weekday_in_words)


@register.inclusion_tag("portal/way_in_card.html", takes_context=True)
def way_in_card(context: Context, patient: Patient) -> dict[str, Any]:
    """Where the patient's own way in stands, for those who may invite them; nothing for others."""
    viewer = context["request"].user
    may = isinstance(viewer, User) and holds(viewer, Permission.PATIENT_INVITE, patient)
    return {"patient": patient, "access": access_of(patient, timezone.now()) if may else None}
