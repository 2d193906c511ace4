"""Tags of the chart's frame: its header and its tabs."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone

from openkap.apps.people.models import Patient
from openkap.web.chart_header import assessment_steps_for, header_for, tabs_for
from openkap.web.course_of import Reader

register = template.Library()


@register.inclusion_tag("chart/header.html", takes_context=True)
def chart_header(context: Context, patient: Patient) -> dict[str, Any]:
    """The persistent header: who this is, and what nobody may overlook."""
    reader = context.get("reader") or Reader(context["request"].user, patient, timezone.now())
    return {"header": header_for(reader)}


@register.inclusion_tag("chart/tabs.html", takes_context=True)
def chart_tabs(context: Context, patient: Patient) -> dict[str, Any]:
    """The tabs of the chart that exist for this viewer."""
    request = context["request"]
    return {"tabs": tabs_for(request.user, patient.public_id, request.path)}


@register.inclusion_tag("chart/steps.html", takes_context=True)
def assessment_steps(context: Context, patient: Patient) -> dict[str, Any]:
    """The steps of the assessment, under the chart's tabs."""
    request = context["request"]
    return {"steps": assessment_steps_for(request.user, patient.public_id, request.path)}
