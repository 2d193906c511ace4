"""States as people see them: each has an icon and a word; colour only repeats them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Status:
    """One state of something: `name` picks the colour in components.css, `icon` is a Tabler icon."""

    name: str
    icon: str
    word: str | Promise


STATUSES = {
    status.name: status
    for status in (
        Status("ok", icon="circle-check", word=_("Met")),
        Status("due", icon="clock", word=_("Due")),
        Status("warn", icon="alert-triangle", word=_("Look at this")),
        Status("over", icon="alert-octagon", word=_("Overdue")),
        Status("blocked", icon="circle-minus", word=_("Blocked")),
        Status("unknown", icon="help-circle", word=_("Not known")),
        Status("unsent", icon="cloud-off", word=_("Not sent")),
        Status("info", icon="info-circle", word=_("Note")),
        Status("planned", icon="calendar-event", word=_("Planned")),
    )
}


def lookup(name: str) -> Status:
    """The state of that name; an unknown name is shown as 'not known', never as fine."""
    return STATUSES.get(name, STATUSES["unknown"])
