"""What waits for a patient: one entry of their Today page. Apps give lists of them (`web.portal_items`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@dataclass(frozen=True)
class PortalItem:
    """Something for the patient to do or to know. All words are already in the patient's language.

    `why` says what it is good for; `minutes` how long it takes (None: it takes none, such as a visit ahead),
    and `takes` the same before rounding, for what several take together.
    `due` is a local date of the site, for order and 'by Friday'. `section` puts it on a page besides Today:
    'questions' for what is filled in. `asks`: whether it wants something done, and so may stand on top.
    """

    title: str
    why: str
    url: str
    minutes: int | None = None
    takes: float | None = None
    due: date | None = None
    icon: str = "circle-dot"
    section: str = ""
    action: str = ""  # what the button says; '' for 'Start'
    asks: bool = True


Provider = Callable[["Patient", datetime], list[PortalItem]]
