"""The safety plan: written with the patient, in their words; every version is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.people import operations as people
from openkap.apps.safety import queries
from openkap.apps.safety.models import Plan, PlanReview
from openkap.apps.safety.permissions import check_alive, check_may_assess
from openkap.apps.safety.plan_parts import MOST_LINES, SECTIONS, Line, line_of
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

LONGEST_LINE = 300
DAY = timedelta(days=1)


@transaction.atomic
def write_plan(
    *,
    by: User,
    now: datetime,
    patient: "Patient",
    content: Mapping[str, Sequence[str]],
    based_on: int,
    together: bool | None = None,
) -> Plan:
    """Keep a new version of the plan: the lines of each section; `based_on` is the version they began with.

    `together` says whether the patient was there. Writing the same again keeps the version there is. Raises
    `Refused`, `BadInput`, and `NotAllowedNow` when somebody else wrote a newer one meanwhile.
    """
    check_may_assess(by, patient)
    check_alive(patient)
    people.lock(patient)
    last = queries.plan_of(patient)
    lines = {section.id: _lines(content.get(section.id, ()), section.id) for section in SECTIONS}
    if not any(lines.values()):
        raise BadInput(_("There is nothing written yet."), field=SECTIONS[0].id)
    stored = {section: [vars(line) for line in found] for section, found in lines.items()}
    if last is not None and last.content == stored:
        return last
    if based_on != (last.version if last else 0):
        raise NotAllowedNow(
            _("Somebody else changed the plan meanwhile. Read the new version before you save.")
        )
    plan = Plan.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        version=based_on + 1,
        content=stored,
        together=together,
    )
    subject = Subject("safety-plan", plan.public_id, patient.public_id, patient.site_id)
    audit.record(by=by, now=now, action="safety.write-plan", subject=subject, details={"version": plan.version})
    return plan


@transaction.atomic
def review_plan(*, by: User, now: datetime, patient: "Patient", version: int) -> PlanReview:
    """Note that this version was gone through with the patient and stands as it is; twice a day is once.

    Raises `Refused`, and `NotAllowedNow` where there is no plan or a newer version.
    """
    check_may_assess(by, patient)
    check_alive(patient)
    people.lock(patient)
    plan = queries.plan_of(patient)
    if plan is None or plan.version != version:
        raise NotAllowedNow(_("The plan has changed meanwhile. Read the new version first."))
    last = queries.last_review_of(plan)
    if last is not None and last.recorded_by_id == by.pk and now - last.recorded_at < DAY:
        return last
    review = PlanReview.objects.create(
        site_id=patient.site_id, patient=patient, recorded_at=now, recorded_by=by, plan=plan
    )
    subject = Subject("safety-plan", plan.public_id, patient.public_id, patient.site_id)
    audit.record(by=by, now=now, action="safety.review-plan", subject=subject, details={"version": version})
    return review


def _lines(lines: Sequence[str], section: str) -> list[Line]:
    clean = [" ".join(line.split()) for line in lines]
    kept = [line for line in clean if line]
    if len(kept) > MOST_LINES:
        raise BadInput(_("At most %(n)d lines fit here.") % {"n": MOST_LINES}, field=section)
    if any(len(line) > LONGEST_LINE or "\x00" in line for line in kept):
        raise BadInput(_("At most %(n)d characters fit in a line.") % {"n": LONGEST_LINE}, field=section)
    return [line_of(line) for line in kept]
