"""What medical clearance lacks, for screens that ask every second: judged anew only when something was written.

Whatever is written about a patient has its audit row in the same transaction, and rows are never taken away:
their number tells whether anything changed, in whatever order transactions end. What is decided for the whole
site, its knowledge and its jurisdiction, is compared as it is. A dose that is about to be recorded does not ask
here but has clearance judged anew (`order_of`).
"""

import threading
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from openkap.apps.assessment.queries import lacking_for_dose
from openkap.apps.audit.queries import count_about_patient
from openkap.apps.dosing.models import Session
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.core.monitoring.order import Uncleared
from openkap.knowledge.knowledge_set import KnowledgeSet

AT_MOST = timedelta(seconds=30)  # and then anew all the same
MOST_KEPT = 512
Lacking = tuple[Uncleared, ...] | None


@dataclass(frozen=True)
class _Kept:
    """An answer and all it rests on: the patient's rows, the site's law and knowledge, the local date."""

    rows: int
    jurisdiction: str
    knowledge: KnowledgeSet
    today: date
    at: datetime
    lacking: Lacking

    def holds(self, other: "_Kept") -> bool:
        mine, theirs = ((one.rows, one.jurisdiction, one.today) for one in (self, other))
        return mine == theirs and self.knowledge is other.knowledge and abs(other.at - self.at) < AT_MOST


_kept: dict[UUID, _Kept] = {}
_lock = threading.Lock()


def uncleared(session: Session, now: datetime) -> Lacking:
    """What is lacking now, judged anew. None without an episode, and once the dose was started."""
    if session.judged_by or session.ended_at is not None:
        return None
    lacking = lacking_for_dose(session.patient, session.drug, session.route, now)
    if lacking is None:
        return None
    return tuple(Uncleared(one.item.id, one.item.title, one.state.value) for one in lacking)


def uncleared_to_show(session: Session, now: datetime) -> Lacking:
    """The same for a screen: as judged last, unless something it rests on has changed since."""
    if session.judged_by or session.ended_at is not None:
        return None
    asked = _Kept(
        rows=count_about_patient(session.patient.public_id),
        jurisdiction=session.site.jurisdiction,
        knowledge=knowledge_for(session.site, now),
        today=now.astimezone(ZoneInfo(session.site.time_zone)).date(),
        at=now,
        lacking=None,
    )
    known = _kept.get(session.public_id)
    if known is not None and known.holds(asked):
        return known.lacking
    found = uncleared(session, now)
    with _lock:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[session.public_id] = replace(asked, lacking=found)
    return found
