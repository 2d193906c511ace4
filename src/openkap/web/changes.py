"""What changed about a patient since the last visit, asked of every app that has something: a line for each.

An app offers a function `(patient, since, until) -> [Development]` (`apps.inbox.developments`) and is named in
`TELLERS`. It is not asked for topics that the viewer may not read: those are left out here.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import formats
from django.utils.translation import gettext as _

from openkap.apps.assessment.developments import developments as of_assessment
from openkap.apps.chart.developments import developments as of_chart
from openkap.apps.dosing.developments import developments as of_dosing
from openkap.apps.inbox.developments import TOPICS, Development, Teller, Topic
from openkap.apps.journal.developments import developments as of_journal
from openkap.apps.measures.developments import developments as of_measures
from openkap.apps.planning import queries as planning
from openkap.apps.planning.states import VisitState
from openkap.apps.safety.developments import developments as of_safety
from openkap.apps.tasks.developments import developments as of_tasks
from openkap.web.course_of import Reader

TELLERS: tuple[Teller, ...] = (
    of_safety,
    of_tasks,
    of_measures,
    of_dosing,
    of_chart,
    of_assessment,
    of_journal,
)
WITHOUT_VISIT = timedelta(days=14)  # looked back where there was no visit yet
URGENT = ("over", "warn")


@dataclass(frozen=True)
class Since:
    """From when on is told, and the words for it. `day`: its local date, for the form that changes it."""

    at: datetime
    day: date
    words: str


def since_when(reader: Reader, day: date | None = None) -> Since:
    """Since the last visit that took place, or since `day` began, if one in the past is asked for."""
    if day is not None and day <= reader.today:
        at = datetime.combine(day, time.min, tzinfo=reader.zone)
        return Since(at, day, _("Since %(date)s") % {"date": formats.date_format(day, "MONTH_DAY_FORMAT")})
    done = planning.visits_of(reader.patient).filter(state=VisitState.DONE.value, starts_at__lt=reader.now)
    last = done.last()
    if last is None:
        at = reader.now - WITHOUT_VISIT
        words = {"date": formats.date_format(reader.local(at), "MONTH_DAY_FORMAT")}
        return Since(at, reader.local(at).date(), _("Since %(date)s; there was no visit yet") % words)
    words = {
        "visit": str(last.get_kind_display()).lower(),
        "date": formats.date_format(last.on, "MONTH_DAY_FORMAT"),
    }
    return Since(last.starts_at, last.on, _("Since the last visit: %(visit)s, %(date)s") % words)


def changes_since(reader: Reader, since: Since) -> list[Development]:
    """Everything new, what is urgent first, then by topic, the newest first in each."""
    told = [one for tell in _tellers(reader) for one in tell(reader.patient, since.at, reader.now)]
    readable = {topic for topic in {one.topic for one in told} if reader.may(TOPICS[topic].reads)}
    return sorted((one for one in told if one.topic in readable), key=_first)


def _tellers(reader: Reader) -> list[Teller]:
    """Who is asked; sessions and journals only where the viewer may read them."""
    closed: dict[Teller, bool] = {
        of_dosing: not reader.sees_doses,
        of_journal: not reader.may(TOPICS[Topic.JOURNAL].reads),
    }
    return [tell for tell in TELLERS if not closed.get(tell, False)]


def _first(one: Development) -> tuple[bool, int, float]:
    return one.status not in URGENT, list(Topic).index(one.topic), -one.at.timestamp()
