"""Therapy notes, as far as the viewer may see them; hours since dose and the window they lie in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from openkap.adapters.sealing import Sealed, keyring, unseal
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.dosing import queries as dosing
from openkap.apps.dosing.queries import DoseGiven
from openkap.apps.people import queries as people
from openkap.apps.planning import queries as planning
from openkap.apps.therapy.models import Addendum, IntegrationNote, ProcessNote
from openkap.apps.therapy.permissions import check_is_author
from openkap.core.planning import WindowPlace, place_in_window
from openkap.errors import NotFound
from openkap.knowledge.schema.protocol import IntegrationWindow, VisitKind

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.planning.models import Visit

PURPOSE = "process-note"


@dataclass(frozen=True)
class SinceDose:
    """How a moment lies to the last dose before it, and by which window that is judged."""

    dose: DoseGiven | None
    place: WindowPlace
    window: IntegrationWindow


def notes_of(patient: "Patient") -> QuerySet[IntegrationNote]:
    """The signed notes of the patient, the latest first. Check the viewer beforehand."""
    return (
        IntegrationNote.objects.filter(patient=patient)
        .select_related("patient", "visit", "visit__plan", "recorded_by", "site")
        .prefetch_related("addenda__added_by")
        .order_by("-began_at", "-id")
    )


def note_for(viewer: User, note_id: UUID) -> IntegrationNote:
    """The note, if the viewer may read the patient's therapy. Raises `NotFound`."""
    patients = people.patients_for(viewer, Permission.THERAPY_READ)
    found = (
        IntegrationNote.objects.filter(public_id=note_id, patient__in=patients)
        .select_related("patient", "patient__site", "visit", "visit__plan", "recorded_by", "site")
        .prefetch_related("addenda__added_by")
        .first()
    )
    if found is None:
        raise NotFound("There is no such note, or you are not on the patient's care team.")
    return found


def note_of_visit(visit: "Visit") -> IntegrationNote | None:
    """The note of an integration visit, if it was written."""
    return IntegrationNote.objects.filter(visit=visit).first()


def addenda_of(note: IntegrationNote) -> QuerySet[Addendum]:
    """What was added, in order."""
    return note.addenda.select_related("added_by").order_by("added_at", "id")


def integration_visits(patient: "Patient") -> list["Visit"]:
    """All integration visits of the patient by time. Check the viewer beforehand."""
    return list(planning.visits_of(patient).filter(kind=VisitKind.INTEGRATION.value))


def integration_visit_for(viewer: User, visit_id: UUID, permission: Permission) -> "Visit":
    """An integration visit, if the viewer holds `permission` on its patient. Raises `NotFound`."""
    visit = planning.visit_for(viewer, visit_id, permission)
    if visit.kind != VisitKind.INTEGRATION.value:
        raise NotFound("This is not an integration visit.")
    return visit


def since_dose(visit: "Visit", moment: datetime, doses: list[DoseGiven]) -> SinceDose:
    """Hours from the last dosing day before `moment`, against the window of the visit's protocol."""
    counted = first_of_each_day(doses, visit.time_zone)
    window = planning.protocol_of(visit).integration_window
    place = place_in_window(window, [dose.at for dose in counted], moment)
    before = [dose for dose in counted if dose.at <= moment]
    return SinceDose(before[-1] if before else None, place, window)


def first_of_each_day(doses: list[DoseGiven], time_zone: str) -> list[DoseGiven]:
    """Hours since dose start at the first administered dose of a local day (DEFINITIONS)."""
    zone = ZoneInfo(time_zone)
    first: dict[date, DoseGiven] = {}
    for dose in sorted(doses, key=lambda one: one.at):
        first.setdefault(dose.at.astimezone(zone).date(), dose)
    return list(first.values())


def doses_of(patient: "Patient", now: datetime) -> list[DoseGiven]:
    """Doses really given. Check the viewer beforehand."""
    return dosing.doses_of(patient, now)


def process_notes_of(viewer: User, patient: "Patient") -> QuerySet[ProcessNote]:
    """The viewer's own process notes on the patient, without their text, the latest first."""
    own = ProcessNote.objects.filter(author=viewer, patient=patient, superseded_by__isnull=True)
    return own.select_related("visit", "patient", "site").order_by("-written_at", "-id")


def process_note_for(viewer: User, note_id: UUID) -> ProcessNote:
    """A process note of the viewer's own. Raises `NotFound` for another's: that it exists stays private."""
    found = (
        ProcessNote.objects.filter(public_id=note_id, author=viewer).select_related("patient", "visit").first()
    )
    if found is None:
        raise NotFound("There is no such process note of yours.")
    return found


def opened(viewer: User, note: ProcessNote) -> str:
    """The text. Raises `Refused` to anybody but the author, `SealBroken` where it cannot be opened."""
    check_is_author(viewer, note)
    ring = keyring(may_make=False)
    sealed = Sealed(note.key_id, bytes(note.body))
    return unseal(sealed, ring, purpose=PURPOSE, bound_to=bound_to(note.public_id, viewer))


def bound_to(note_id: UUID, author: User) -> str:
    """What the seal is tied to: table, column, row and author. Moved anywhere else it does not open."""
    return f"therapy_processnote.body.{note_id}.{author.public_id}"


def any_process_note() -> bool:
    """Whether any was ever sealed: then a missing key is a loss, not a beginning."""
    return ProcessNote.objects.exists()
