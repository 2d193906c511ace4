"""Pictures of numbers for pages of any app."""

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from openkap.web.figures.people import draw_people

register = template.Library()


@register.simple_tag
def people(value: int, low: int | None, high: int | None, meaning: str) -> SafeString:
    """A hundred people: `{% people figure.value figure.low figure.high figure.meaning %}`."""
    words = _("%(value)s of 100 %(meaning)s") % {"value": value, "meaning": meaning}
    if low is not None and high is not None:
        words += "; " + _("very likely between %(low)s and %(high)s") % {"low": low, "high": high}
    return mark_safe(draw_people(value, low, high, words))  # noqa: S308 - escaped by the drawing


@register.simple_tag
def ten_people(value: int, meaning: str) -> SafeString:
    """A percentage as people of ten, rounded."""
    of_ten = int(value / 10 + 0.5)
    words = _("About %(value)s of 10 %(meaning)s") % {"value": of_ten, "meaning": meaning}
    return mark_safe(draw_people(of_ten, None, None, words, of=10))  # noqa: S308 - escaped by the drawing
