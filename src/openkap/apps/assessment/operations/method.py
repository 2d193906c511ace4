"""The interview on which therapy suits, and the signed choice of a method."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.assessment.matching import Matched, match_for, table_for
from openkap.apps.assessment.models import Episode, MethodChoice, MethodInterview
from openkap.apps.assessment.permissions import (
    check_alive,
    check_may_choose_method,
    check_may_note_wishes,
    check_not_ended,
)
from openkap.apps.audit import operations as audit
from openkap.apps.people import operations as people
from openkap.errors import BadInput

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

HIGHEST = 10
SHORTEST_REASON = 10  # letters: a reason others can weigh, not a dot


@transaction.atomic
def record_method_interview(
    *, by: User, now: datetime, patient: "Patient", ratings: Mapping[str, int], asked_on: date | None = None
) -> MethodInterview:
    """Keep markers rated 0 to 10 with the patient; those left out were not asked.

    A later interview supersedes the earlier one as a whole. Raises `BadInput`, `Refused`.
    """
    check_may_note_wishes(by, patient)
    check_alive(patient)
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    day = asked_on or today
    table = table_for(patient, now)
    if day > today:
        raise BadInput(_("This day has not come yet."), field="asked_on")
    if not ratings:
        raise BadInput(_("Rate at least one."))
    known = {marker.id for marker in table.markers}
    for marker, value in ratings.items():
        if marker not in known or not 0 <= value <= HIGHEST:
            raise BadInput(_("Choose a number from 0 to 10."), field=marker)
    people.lock(patient)
    row = MethodInterview.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        asked_on=day,
        ratings=dict(ratings),
        table_version=table.version,
        supersedes=MethodInterview.objects.filter(patient=patient).order_by("-id").first(),
    )
    subject = audit.Subject("method-interview", row.public_id, patient.public_id, patient.site_id)
    audit.record(by=by, now=now, action="assessment.interview", subject=subject)
    return row


@transaction.atomic
def choose_method(*, by: User, now: datetime, episode: Episode, method_id: str, reason: str) -> MethodChoice:
    """Sign which method therapy begins with, and why; kept with everything the page showed.

    A therapist or prescriber decides; the table only explains. Raises `BadInput`, `Refused`, `NotAllowedNow`.
    """
    patient = episode.patient
    check_may_choose_method(by, patient)
    check_not_ended(episode)
    check_alive(patient)
    people.lock(patient)
    matched = match_for(patient, now)
    chosen = matched.scored_for(method_id)
    if chosen is None:
        raise BadInput(_("Choose a method."), field="method")
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput(_("Say why, so that others can weigh it."), field="reason")
    row = MethodChoice.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        episode=episode,
        method_id=method_id,
        agreement=_agreement(matched, method_id),
        reason=reason.strip(),
        on=now.astimezone(ZoneInfo(patient.site.time_zone)).date(),
        scores=matched.scores_as_json(),
        ratings=matched.ratings_as_json(),
        cautions=[caution.words.en for caution in chosen.cautions],
        table_version=matched.table.version,
    )
    subject = audit.Subject("method-choice", row.public_id, patient.public_id, patient.site_id)
    audit.record(
        by=by, now=now, action="assessment.choose-method", subject=subject, details={"method": method_id}
    )
    return row


def _agreement(matched: Matched, method_id: str) -> str:
    best = matched.best
    if best is None:
        return MethodChoice.Agreement.UNKNOWN
    top = {
        one.method for one in matched.scored if one.score == best.score and one.suitability is best.suitability
    }
    return MethodChoice.Agreement.FIRST if method_id in top else MethodChoice.Agreement.OTHER
