"""The interface's own tags: built files, icons, statuses, quantities."""

from datetime import datetime, time, timedelta
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.forms.boundfield import BoundWidget
from django.template.context import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from openkap.apps.chart.words import date_as_recorded
from openkap.units.partial_dates import PartialDate
from openkap.web import assets, status

register = template.Library()


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """A Tabler icon, inline and hidden from screen readers: its word stands beside it."""
    classes = f"icon {css_class}".strip()
    drawing = mark_safe(assets.icon_drawing(name))  # noqa: S308 - from our own build, never from a person
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        "{}</svg>",
        classes,
        drawing,
    )


@register.simple_tag
def built(name: str) -> str:
    """The address of a built file: `{% built "app.css" %}`."""
    return assets.built_url(name)


@register.simple_tag(takes_context=True)
def island(context: Context, name: str) -> SafeString:
    """The script of an island: `{% island "console" %}` loads islands/console.ts under the page's nonce."""
    return format_html(
        '<script nonce="{}" src="{}" defer></script>',
        context.get("CSP_NONCE", ""),
        assets.built_url(f"{name}.js"),
    )


@register.simple_tag(name="status")
def status_word(name: str, word: str = "", css_class: str = "") -> SafeString:
    """Icon + word + colour: `{% status "due" _("Due in 8 min") %}`; without a word, the state's own."""
    known = status.lookup(name)
    return format_html(
        '<span class="status-word {}" data-status="{}">{}<span>{}</span></span>',
        css_class,
        known.name,
        icon(known.icon),
        word or known.word,
    )


@register.simple_tag
def pill(name: str, word: str = "") -> SafeString:
    """A status on a tinted ground: `{% pill "ok" _("Met") %}`."""
    return status_word(name, word, "status-pill")


@register.simple_tag
def quantity(value: object, unit: str) -> SafeString:
    """A number with its unit, the unit smaller: `{% quantity 35 "mg" %}`."""
    return format_html('<span class="nowrap">{}<span class="unit">{}</span></span>', value, unit)


@register.filter
def as_recorded(day: PartialDate) -> str:
    """A date as far as it was said: `{{ row.onset|as_recorded }}`."""
    return date_as_recorded(day)


@register.filter
def by_when(at: datetime) -> str:
    """A due moment on the clock in force: 'Mon 23 Nov, 14:00'; midnight is the end of the day before it."""
    local = timezone.localtime(at)
    if local.time() != time.min:
        return date_format(local, "D j M, H:i")
    return _("the end of %(day)s") % {"day": date_format(local - timedelta(days=1), "D j M")}


@register.simple_tag
def unknown() -> SafeString:
    """What is not known: never empty, never a pass."""
    return status_word("unknown", _("Not known"))


@register.filter
def field_kind(field: BoundField) -> str:
    """How components/field.html lays a field out: 'check', 'choices', 'select' or 'text'."""
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, CheckboxInput):
        return "check"
    return "select" if isinstance(widget, Select) else "text"


CLASSES = {
    "check": "form-check-input",
    "choices": "form-check-input",
    "select": "form-select",
    "text": "form-control",
}


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's control with our classes, its errors and hint named for screen readers."""
    attrs: dict[str, Any] = {"class": _control_class(field)}
    described = [f"{field.auto_id}_hint"] if field.help_text else []
    if field.errors:
        described.append(f"{field.auto_id}_error")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)


@register.filter
def tick(choice: BoundWidget) -> SafeString:
    """One radio button or checkbox of a choice, with our class."""
    choice.data["attrs"]["class"] = CLASSES["choices"]
    return SafeString(choice.tag())


def _control_class(field: BoundField) -> str:
    own = str(field.field.widget.attrs.get("class", ""))
    wrong = "is-invalid" if field.errors else ""
    return " ".join(part for part in (CLASSES[field_kind(field)], own, wrong) if part)
