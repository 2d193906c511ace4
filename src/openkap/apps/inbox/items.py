"""What came in about a patient and wants to be looked at. Apps give lists of it (`web.inbox`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from openkap.apps.access.roles import Permission, Role

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.utils.functional import _StrPromise

    from openkap.apps.people.models import Patient


class InboxKind(StrEnum):
    """What came in."""

    RESULT = "result"
    OFF_TRACK = "off-track"
    RISK_REVIEW = "risk-review"
    ALERT = "alert"
    JOURNAL = "journal"
    JOURNAL_ALONE = "journal-alone"
    EXPIRED = "expired"
    LIFESTYLE = "lifestyle"


@dataclass(frozen=True)
class KindRow:
    """Who reads a kind, and who may say that they have looked; None: what it asks for settles it.

    `alone`: it is for who is on the patient's care team in that role now, and for nobody else.
    """

    words: "_StrPromise"
    reads: Permission
    marks: Permission | None
    alone: Role | None = None


KINDS: dict[InboxKind, KindRow] = {
    InboxKind.RESULT: KindRow(_("Questionnaire"), Permission.CHART_READ, Permission.INBOX_MARK),
    InboxKind.OFF_TRACK: KindRow(_("Off track"), Permission.CHART_READ, None),
    InboxKind.RISK_REVIEW: KindRow(_("Safety review"), Permission.TASK_READ, None),
    InboxKind.ALERT: KindRow(_("Alert"), Permission.TASK_READ, None),
    InboxKind.JOURNAL: KindRow(_("Journal"), Permission.THERAPY_READ, Permission.INBOX_MARK),
    InboxKind.JOURNAL_ALONE: KindRow(
        _("Journal, for you alone"), Permission.THERAPY_READ, Permission.INBOX_MARK, alone=Role.THERAPIST
    ),
    InboxKind.EXPIRED: KindRow(_("Not answered"), Permission.CHART_READ, Permission.TASK_WRITE),
    InboxKind.LIFESTYLE: KindRow(_("The week"), Permission.CHART_READ, Permission.INBOX_MARK),
}


class Urgency(IntEnum):
    """The order in which patients are listed; the most urgent of a patient's items decides."""

    NOW = -1  # an alert nobody has acknowledged
    WORSE = 0  # reliably worse
    TODAY = 1  # to be looked at before the day ends
    OFF_TRACK = 2
    CHANGED = 3  # another severity, or reliably better
    NEW = 4


@dataclass(frozen=True)
class InboxItem:
    """One thing that came in. `kind` and `about` name it; words are in the reader's language.

    `status` is a state of `web.status`; `path` leads to it. `due`: by when, where there is such a time.
    """

    kind: InboxKind
    about: UUID
    patient_id: int  # the row's key
    at: datetime
    urgency: Urgency
    status: str
    words: str
    detail: str = ""
    path: str = ""
    due: datetime | None = None

    @property
    def name(self) -> str:
        """What a form calls it."""
        return f"{self.kind.value}:{self.about}"

    @property
    def row(self) -> KindRow:
        """What its kind says."""
        return KINDS[self.kind]


# Given the patients on whom the viewer may read this kind: all their items that nobody has marked.
Provider = Callable[["QuerySet[Patient]", datetime], list[InboxItem]]
