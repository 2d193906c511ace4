"""Judging courses by the early warning: one task for the prescriber when off track, taken back when not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import floor
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from openkap.apps.audit.operations import Actor, SystemActor
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures.early import early_of, warning_of
from openkap.apps.measures.induction import Induction, induction_of
from openkap.apps.measures.models import EarlyJudgement, Response
from openkap.apps.measures.queries import dated_score, main_instruments, packaged_instrument, responses_of
from openkap.apps.sites.queries import all_sites
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.operations import About, open_task, withdraw_task
from openkap.apps.tasks.queries import open_tasks_about
from openkap.core.psychometrics import Early, EarlyCourse
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.early_warning import EarlyWarning

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

BATCH = 500


@dataclass(frozen=True)
class Judging:
    """One patient's courses being judged by one warning."""

    by: Actor
    now: datetime
    patient: "Patient"
    known: KnowledgeSet
    warning: EarlyWarning
    induction: Induction | None


def judge_courses(*, now: datetime, by: Actor | None = None) -> int:
    """Judge each response of a main measure that nobody judged yet. Returns how many were judged.

    Safe to run at any time and twice: what was judged is kept, and a task is opened once.
    """
    warned = [site for site in all_sites() if warning_of(knowledge_for(site, now)) is not None]
    waiting = Response.objects.filter(
        site__in=warned,
        instrument_id__in=main_instruments(),
        superseded_by__isnull=True,
        early_judgement__isnull=True,
    )
    rows = list(waiting.select_related("patient__site").order_by("patient_id", "administered_at", "id")[:BATCH])
    for _key, of_patient in groupby(rows, key=lambda row: row.patient_id):
        _judge_patient(by or SystemActor(), now, list(of_patient))
    return len(rows)


@transaction.atomic
def _judge_patient(by: Actor, now: datetime, rows: Sequence[Response]) -> None:
    patient = rows[0].patient
    known = knowledge_for(patient.site, now)
    warning = warning_of(known)
    if warning is None:
        return
    judging = Judging(by, now, patient, known, warning, induction_of(patient))
    for row in rows:
        course = _course_until(judging, row)
        _keep(judging, row, course)
    for instrument in dict.fromkeys(row.instrument_id for row in rows):
        _follow_up(judging, instrument)


def _course_until(judging: Judging, row: Response) -> EarlyCourse | None:
    """How it stood by what had been filled in until then; none for what the warning does not read."""
    instrument = packaged_instrument(row.instrument_id, row.instrument_version)
    zone = ZoneInfo(judging.patient.site.time_zone)
    until = responses_of(judging.patient).filter(
        instrument_id=row.instrument_id, administered_at__lte=row.administered_at
    )
    scores = [dated_score(one, zone) for one in until]
    return early_of(instrument, scores, judging.known, zone, judging.induction)


def _keep(judging: Judging, row: Response, course: EarlyCourse | None) -> None:
    EarlyJudgement.objects.create(
        response=row,
        warning_id=judging.warning.id,
        warning_version=judging.warning.version,
        standing=(course.standing if course else Early.TOO_EARLY).value,
        percent_improvement=course.percent_improvement if course else None,
        judged_at=judging.now,
    )


def _follow_up(judging: Judging, instrument_id: str) -> None:
    """The newest judgement decides: a task from the first one that is off track, none once it is not."""
    newest = list(
        EarlyJudgement.objects.filter(
            response__patient=judging.patient,
            response__instrument_id=instrument_id,
            response__superseded_by__isnull=True,
        )
        .select_related("response")
        .order_by("-response__administered_at", "-response__id")[:2]
    )
    kind = TaskKind.OFF_TRACK.value
    waiting = list(open_tasks_about(judging.patient).filter(kind=kind, about_code=instrument_id))
    off = [one.standing == Early.OFF_TRACK.value for one in newest]
    if not off[0]:
        for task in waiting:
            withdraw_task(by=judging.by, now=judging.now, key=task.key)
    elif not waiting and not any(off[1:]):
        _open(judging, newest[0])


def _open(judging: Judging, found: EarlyJudgement) -> None:
    response = found.response
    instrument = packaged_instrument(response.instrument_id, response.instrument_version)
    open_task(
        by=judging.by,
        now=judging.now,
        kind=TaskKind.OFF_TRACK,
        key=f"off-track:{response.public_id}",
        site=judging.patient.site,
        patient=judging.patient,
        due_at=judging.now + timedelta(days=judging.warning.look_within_days),
        about=About("response", response.public_id, instrument.id),
        detail=_detail(instrument.abbreviation, found.percent_improvement or 0),
    )


def _detail(form: str, percent: float) -> str:
    """How little better it is, in the language of the house: staff read it, whoever answered."""
    words = {"form": form, "percent": floor(abs(percent) + 0.5)}
    with translation.override(settings.LANGUAGE_CODE):
        if percent < 0:
            return _("%(form)s: %(percent)s %% worse than at baseline") % words
        return _("%(form)s: %(percent)s %% better than at baseline") % words
