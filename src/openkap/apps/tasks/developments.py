"""What is new among tasks and alerts: alerts raised, tasks done, and what is overdue."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openkap.apps.inbox.developments import Development, Topic
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.links import page_of
from openkap.apps.tasks.models import Task
from openkap.apps.tasks.queries import alerts_of, tasks_of
from openkap.apps.tasks.states import TaskState

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

# what is told of elsewhere: questionnaires by their scores, and by having expired
TOLD_ELSEWHERE = (TaskKind.MEASURE_DUE.value,)


def developments(patient: "Patient", since: datetime, until: datetime) -> list[Development]:
    """Alerts since, tasks done since by kind, and by kind what is overdue."""
    return [*_alerts(patient, since, until), *_done(patient, since, until), *_overdue(patient, until)]


def _alerts(patient: "Patient", since: datetime, until: datetime) -> Iterator[Development]:
    for alert in alerts_of(patient).filter(raised_at__gt=since, raised_at__lte=until):
        answered = _("acknowledged") if alert.acknowledged_at else _("not acknowledged")
        status = "info" if alert.acknowledged_at else "over"
        yield Development(Topic.EVENT, alert.raised_at, status, str(alert.words), answered, page_of(alert))


def _done(patient: "Patient", since: datetime, until: datetime) -> Iterator[Development]:
    closed = tasks_of(patient).filter(state=TaskState.DONE.value, closed_at__gt=since, closed_at__lte=until)
    rows = sorted(closed.exclude(kind__in=TOLD_ELSEWHERE), key=lambda task: (task.kind, task.closed_at))
    for _kind, of_kind in groupby(rows, key=lambda task: task.kind):
        tasks = list(of_kind)
        last = tasks[-1]
        words = ngettext("done", "done %(n)s times", len(tasks)) % {"n": len(tasks)}
        yield Development(Topic.TASK, last.closed_at or until, "ok", str(last.words), words, page_of(last))


def _overdue(patient: "Patient", until: datetime) -> Iterator[Development]:
    """One line for each kind of task that is overdue, at the oldest of it."""
    late = Task.objects.filter(patient=patient, state=TaskState.OPEN.value, due_at__lt=until)
    rows = sorted(late.select_related("patient"), key=lambda task: (task.kind, task.due_at))
    for _kind, of_kind in groupby(rows, key=lambda task: task.kind):
        tasks = list(of_kind)
        words = ngettext("overdue", "%(n)s of them overdue", len(tasks)) % {"n": len(tasks)}
        yield Development(Topic.TASK, tasks[0].due_at, "over", str(tasks[0].words), words, page_of(tasks[0]))
