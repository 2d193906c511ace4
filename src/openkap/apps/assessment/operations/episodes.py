"""Beginning, changing and ending a course of treatment."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.assessment.models import Drug, Episode, EpisodeChange, Route
from openkap.apps.assessment.operations.chores import keep_soon
from openkap.apps.assessment.permissions import check_alive, check_may_assess, check_not_ended
from openkap.apps.audit import operations as audit
from openkap.apps.people import operations as people
from openkap.apps.people.stages import Indication, Stage
from openkap.errors import BadInput

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

# What is treated cannot change within an episode; how it is treated can.
CHANGEABLE = ("drug", "route", "specific_fears")


@transaction.atomic
def set_indication(
    *,
    by: audit.Actor,
    now: datetime,
    patient: "Patient",
    indication: str,
    drug: str,
    route: str,
    specific_fears: str = "",
) -> Episode:
    """Say what is to be treated, with which drug by which route.

    The first time begins an episode; another indication ends the current one and begins a new one; another drug
    or route changes it. The same again changes nothing. Raises `BadInput`, `Refused`, `NotAllowedNow`.
    """
    check_may_assess(by, patient)
    check_alive(patient)
    asked = {"drug": drug, "route": route, "specific_fears": specific_fears.strip()}
    _check_choices(indication, drug, route)
    people.lock(patient)
    keep_soon(now)
    current = Episode.objects.filter(patient=patient, ended_on__isnull=True).first()
    if current is not None and current.indication == indication:
        _change(by, now, current, asked)
        return current
    if current is not None:
        _end(by, now, current, _("The indication was changed."))
    return _begin(by, now, patient, indication, asked)


@transaction.atomic
def end_episode(*, by: audit.Actor, now: datetime, episode: Episode, reason: str) -> None:
    """End the course of treatment, saying why. Raises `BadInput`, `Refused`, `NotAllowedNow`."""
    check_may_assess(by, episode.patient)
    people.lock(episode.patient)
    episode.refresh_from_db(fields=["ended_on"])
    check_not_ended(episode)
    if not reason.strip():
        raise BadInput(_("Say why the episode ends."), field="reason")
    _end(by, now, episode, reason.strip())
    keep_soon(now)
    people.note_stage(by=by, now=now, patient=episode.patient, stage=Stage.ENDED, indication="")


def _check_choices(indication: str, drug: str, route: str) -> None:
    for field, value, known in (
        ("indication", indication, Indication.values),
        ("drug", drug, Drug.values),
        ("route", route, Route.values),
    ):
        if value not in known:
            raise BadInput(_("Choose one of: %(known)s.") % {"known": ", ".join(known)}, field=field)
    if route == Route.IN and drug != Drug.ESKETAMINE:
        raise BadInput(_("The nasal spray is esketamine. Choose esketamine or another route."), field="route")


def _begin(
    by: audit.Actor, now: datetime, patient: "Patient", indication: str, asked: dict[str, str]
) -> Episode:
    user = by if isinstance(by, User) else None
    episode = Episode.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=user,
        indication=indication,
        prescriber=user,
        began_on=_today(patient, now),
        **asked,
    )
    people.note_stage(by=by, now=now, patient=patient, stage=Stage.ASSESSMENT, indication=indication)
    _record(by, now, "assessment.begin-episode", episode, {"indication": indication})
    return episode


def _change(by: audit.Actor, now: datetime, episode: Episode, asked: dict[str, str]) -> None:
    before = {name: getattr(episode, name) for name in CHANGEABLE}
    if before == asked:
        return
    for name, value in asked.items():
        setattr(episode, name, value)
    Episode.objects.filter(pk=episode.pk).update(**asked)
    EpisodeChange.objects.create(
        episode=episode,
        before=before,
        after=asked,
        changed_at=now,
        changed_by=by if isinstance(by, User) else None,
    )
    changed = sorted(name for name in CHANGEABLE if before[name] != asked[name])
    _record(by, now, "assessment.change-episode", episode, {"fields": changed})


def _end(by: audit.Actor, now: datetime, episode: Episode, reason: str) -> None:
    episode.ended_on, episode.end_reason = _today(episode.patient, now), reason
    Episode.objects.filter(pk=episode.pk).update(ended_on=episode.ended_on, end_reason=reason)
    _record(by, now, "assessment.end-episode", episode, {})


def _today(patient: "Patient", now: datetime) -> date:
    return now.astimezone(ZoneInfo(patient.site.time_zone)).date()


def _record(by: audit.Actor, now: datetime, action: str, episode: Episode, details: dict[str, object]) -> None:
    subject = audit.Subject("episode", episode.public_id, episode.patient.public_id, episode.site_id)
    audit.record(by=by, now=now, action=action, subject=subject, details=details)
