"""Hours since dose and the window, in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from openkap.apps.planning.words import span_words
from openkap.apps.therapy.models import IntegrationNote
from openkap.apps.therapy.queries import SinceDose
from openkap.core.planning import Place


@dataclass(frozen=True)
class WindowWords:
    """`status` picks icon and colour; `rests_on` says how sure the window is."""

    text: str
    status: str
    rests_on: str


def window_words(since: SinceDose, rests_on: str) -> WindowWords:
    """'26 h after dose 5, inside 48 h (hypothesis)'."""
    window = since.window
    inside = {
        Place.FIRST: span_words(window.first_within),
        Place.SECOND: span_words(window.second_within),
    }
    if since.dose is None or since.place.hours is None:
        return WindowWords(_("No dose was given before it"), "unknown", rests_on)
    sure = _("hypothesis") if window.status == "hypothesis" else _("established")
    values = {"hours": hours_words(since.place.hours), "number": since.dose.number, "sure": sure}
    if since.place.place in inside:
        values["span"] = inside[since.place.place]
        words = _("%(hours)s after dose %(number)d, inside %(span)s (%(sure)s)")
        return WindowWords(words % values, "ok" if since.place.place is Place.FIRST else "info", rests_on)
    return WindowWords(
        _("%(hours)s after dose %(number)d, outside the window (%(sure)s)") % values, "info", rests_on
    )


def hours_words(hours: float) -> str:
    """'26 h', from three days on '4 d'."""
    if hours < 72:
        return _("%(n)d h") % {"n": int(hours)}
    return _("%(n)d d") % {"n": int(hours // 24)}


def rating_words(note: IntegrationNote) -> str:
    """'how disturbing: 7 before, 3 after'; '' where nothing was rated."""
    parts = [
        _("%(n)d before") % {"n": note.rating_before} if note.rating_before is not None else "",
        _("%(n)d after") % {"n": note.rating_after} if note.rating_after is not None else "",
    ]
    said = ", ".join(part for part in parts if part)
    return f"{note.rated}: {said}" if said else ""
