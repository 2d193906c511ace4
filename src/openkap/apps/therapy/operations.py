"""The only writes of therapy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from openkap.adapters.sealing import keyring, seal
from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.journal import operations as journal
from openkap.apps.journal.operations.checks import LONGEST as LONGEST_PRACTICE
from openkap.apps.planning import operations as planning
from openkap.apps.planning.queries import protocol_of
from openkap.apps.planning.states import VisitState
from openkap.apps.sites.rows import new_id
from openkap.apps.therapy import queries
from openkap.apps.therapy.methods import checked
from openkap.apps.therapy.models import Addendum, IntegrationNote, ProcessNote
from openkap.apps.therapy.permissions import check_is_author, check_may_write
from openkap.errors import BadInput, NotAllowedNow
from openkap.knowledge.schema.protocol import VisitKind

if TYPE_CHECKING:
    from openkap.apps.planning.models import Visit

LONGEST = 600  # minutes; longer is a slip of the pen
MOST_CHARACTERS = 50_000
RATINGS = range(11)


@dataclass(frozen=True)
class Content:
    """What a note says. Ratings are the patient's own, 0 to 10, of what `rated` names; both optional."""

    began_at: datetime
    minutes: int
    methods: tuple[str, ...]
    what_happened: str
    goals: str = ""
    homework: str = ""
    rated: str = ""
    rating_before: int | None = None
    rating_after: int | None = None


@transaction.atomic
def record_integration(*, by: User, now: datetime, visit: "Visit", content: Content) -> IntegrationNote:
    """Sign the note of an integration visit; that completes the visit.

    The dose it follows and the hours since are kept as they are known now. Raises `Refused`; `BadInput`;
    `NotAllowedNow` when the visit is no integration visit, is cancelled, or has its note already.
    """
    check_may_write(by, visit.patient)
    if visit.kind != VisitKind.INTEGRATION.value:
        raise NotAllowedNow(_("Only an integration visit has such a note."))
    _check(content, now)
    note = _create(by, now, visit, content)
    if visit.state != VisitState.DONE.value:
        planning.complete_visit(by=by, now=now, visit=visit)
    details = {"methods": note.methods, "dose": note.dose_number, "window": note.window_place}
    audit.record(by=by, now=now, action="therapy.sign", subject=_of(note), details=details)
    return note


@transaction.atomic
def add_addendum(*, by: User, now: datetime, note: IntegrationNote, text: str) -> Addendum:
    """Add to a signed note. Raises `Refused`, `BadInput`."""
    check_may_write(by, note.patient)
    added = Addendum.objects.create(note=note, text=_text(text, "text"), added_at=now, added_by=by)
    audit.record(by=by, now=now, action="therapy.add", subject=_of(note))
    return added


def put_homework_on_list(*, by: User, now: datetime, note: IntegrationNote, title: str) -> None:
    """What the note leaves until next time becomes practice on the patient's own pages, once.

    Raises `Refused`, `BadInput`, `NotAllowedNow` where there is none or it is on the list already.
    """
    if not note.homework:
        raise NotAllowedNow(_("This note leaves nothing to practise."))
    journal.agree_on_practice(
        by=by,
        now=now,
        patient=note.patient,
        title=title,
        how=note.homework[:LONGEST_PRACTICE],
        method=note.methods[0] if note.methods else "",
        from_note=note.public_id,
    )


@transaction.atomic
def write_process_note(
    *, by: User, now: datetime, visit: "Visit", text: str, replaces: ProcessNote | None = None
) -> ProcessNote:
    """Seal the author's own notes on a visit; `replaces` is the one they are a new version of.

    Raises `Refused`, `BadInput`, `SealBroken` when there is no key: nothing is ever stored in the clear.
    """
    check_may_write(by, visit.patient)
    if replaces is not None:
        check_is_author(by, replaces)
        if ProcessNote.objects.filter(supersedes=replaces).exists():
            raise NotAllowedNow(_("There is a newer version of this process note. Open that one."))
    words, public_id = _text(text, "text"), new_id()
    sealed = seal(
        words,
        keyring(may_make=not queries.any_process_note()),
        purpose=queries.PURPOSE,
        bound_to=queries.bound_to(public_id, by),
    )
    note = ProcessNote.objects.create(
        public_id=public_id,
        site_id=visit.site_id,
        patient_id=visit.patient_id,
        visit=visit,
        author=by,
        key_id=sealed.key_id,
        body=sealed.body,
        written_at=now,
        supersedes=replaces,
    )
    subject = Subject("process-note", note.public_id, visit.patient.public_id, visit.site_id)
    audit.record(by=by, now=now, action="therapy.write-process-note", subject=subject)
    return note


def _create(by: User, now: datetime, visit: "Visit", content: Content) -> IntegrationNote:
    since = queries.since_dose(visit, content.began_at, queries.doses_of(visit.patient, now))
    protocol = protocol_of(visit)
    try:
        with transaction.atomic():
            return IntegrationNote.objects.create(
                site_id=visit.site_id,
                patient=visit.patient,
                recorded_at=now,
                recorded_by=by,
                visit=visit,
                began_at=content.began_at,
                minutes=content.minutes,
                methods=checked(content.methods),
                goals=content.goals.strip(),
                what_happened=content.what_happened.strip(),
                homework=content.homework.strip(),
                rated=content.rated.strip(),
                rating_before=content.rating_before,
                rating_after=content.rating_after,
                dose_session=since.dose.session_id if since.dose else None,
                dose_number=since.dose.number if since.dose else None,
                dose_at=since.dose.at if since.dose else None,
                window_place=since.place.place.value,
                judged_by={protocol.id: protocol.version},
            )
    except IntegrityError as error:
        raise NotAllowedNow(_("This visit has its note already. Add an addendum to it.")) from error


def _check(content: Content, now: datetime) -> None:
    if content.began_at > now:
        raise BadInput(_("A visit that has not begun has no note yet."), field="began_at")
    if now - content.began_at > timedelta(days=366):
        raise BadInput(_("This lies more than a year back."), field="began_at")
    if not 1 <= content.minutes <= LONGEST:
        raise BadInput(_("Say how many minutes it took, 1 to %(most)d.") % {"most": LONGEST}, field="minutes")
    _text(content.what_happened, "what_happened")
    for field, text in (("goals", content.goals), ("homework", content.homework)):
        if len(text) > MOST_CHARACTERS:
            raise BadInput(_("This is too long."), field=field)
    _check_ratings(content)


def _check_ratings(content: Content) -> None:
    given = {"rating_before": content.rating_before, "rating_after": content.rating_after}
    for field, rating in given.items():
        if rating is not None and rating not in RATINGS:
            raise BadInput(_("A rating lies between 0 and 10."), field=field)
    if any(rating is not None for rating in given.values()) and not content.rated.strip():
        raise BadInput(_("Say what was rated."), field="rated")


def _text(text: str, field: str) -> str:
    """The text without outer spaces. Raises `BadInput` when there is none, or too much."""
    if not text.strip():
        raise BadInput(_("Write something here."), field=field)
    if len(text) > MOST_CHARACTERS:
        raise BadInput(_("This is too long."), field=field)
    if "\x00" in text:
        raise BadInput(_("This text holds a character that cannot be kept."), field=field)
    return text.strip()


def _of(note: IntegrationNote) -> Subject:
    return Subject("note", note.public_id, note.patient.public_id, note.site_id)
