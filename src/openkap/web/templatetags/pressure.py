"""The figure of blood pressures."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString, mark_safe

from openkap.apps.assessment.clearance_shown import PressurePoint, ShownLimit
from openkap.web.figures.pressure import Line, Reading, draw_pressure

register = template.Library()


@register.simple_tag
def pressure_figure(points: Sequence[PressurePoint], limits: Sequence[ShownLimit]) -> SafeString:
    """Readings with the limits that concern the patient."""
    readings = [Reading(point.at, point.systolic, point.diastolic) for point in points]
    lines = [
        Line(value, f"{limit.action_word} ({limit.authority})")
        for limit in limits
        if limit.concerns
        for value in (limit.systolic, limit.diastolic)
        if value is not None
    ]
    return mark_safe(draw_pressure(readings, lines))  # noqa: S308 - our own drawing; words in it are escaped
