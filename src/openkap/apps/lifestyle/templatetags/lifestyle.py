"""Steps and minutes asleep as people read them."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from openkap.core.lifestyle import Kind

register = template.Library()


@register.filter
def counted(amount: int, kind: str) -> str:
    """'8,412', or '6 h 42 min' asleep."""
    if kind == Kind.ASLEEP.value:
        hours, minutes = divmod(int(amount), 60)
        return _("%(h)s h %(min)s min") % {"h": hours, "min": minutes}
    return number_format(amount, use_l10n=True, force_grouping=True)
