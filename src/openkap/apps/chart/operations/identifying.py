"""Whose chart a file is: found by identifier, joined to a record, or registered."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from openkap.apps.access.roles import Permission
from openkap.apps.audit.operations import Actor
from openkap.apps.chart.models import Import, Source
from openkap.apps.chart.rows import digest
from openkap.apps.people import operations as people
from openkap.apps.people import queries as people_queries
from openkap.apps.people.details import Details, details_of
from openkap.apps.people.names import words
from openkap.apps.people.permissions import check_on_patient
from openkap.errors import BadInput
from openkap.fhir.values import ImportedPatient

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.sites.models import Site


@dataclass(frozen=True)
class Arrival:
    """A person in a file, and where it is to be taken over."""

    by: Actor
    now: datetime
    site: "Site"
    person: ImportedPatient
    into: "Patient | None"
    is_another_person: bool

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(identifier.system, identifier.value) for identifier in self.person.identifiers]


def patient_of(arrival: Arrival, origin: Source) -> "tuple[Patient, str]":
    """The patient, and whether they were 'created', 'updated' or 'unchanged'. Raises `BadInput`, `Refused`."""
    known = _known(arrival)
    if known is None:
        return _register(arrival), "created"
    check_on_patient(arrival.by, known, Permission.PATIENT_REGISTER)
    _check_same_person(known, arrival)
    return known, "updated" if _update(known, arrival, origin) else "unchanged"


def _known(arrival: Arrival) -> "Patient | None":
    known = people_queries.identified_by(arrival.pairs)
    if len(known) > 1:
        raise BadInput(_("The identifiers in this file belong to more than one patient here."))
    if known and arrival.into not in {None, known[0]}:
        raise BadInput(_("This file is about another patient than the record it was to be joined to."))
    return known[0] if known else arrival.into


def _register(arrival: Arrival) -> "Patient":
    return people.register_patient(
        by=arrival.by,
        now=arrival.now,
        site=arrival.site,
        details=_details(arrival.person),
        identifiers=arrival.pairs,
        is_another_person=arrival.is_another_person,
    )


def _check_same_person(known: "Patient", arrival: Arrival) -> None:
    """Two identifiers must agree before facts join a record: a number alone may be mistyped."""
    person = arrival.person
    if known.site_id != arrival.site.pk:
        raise BadInput(_("This patient is registered at another site."))
    same_name = words(known.family_name) == words(person.family_name)
    if known.birth_date != person.birth_date or not same_name:
        raise BadInput(
            _(
                "Family name or birth date in this file differ from those of %(number)s. "
                "Correct the one that is wrong."
            )
            % {"number": known.record_number}
        )


def _update(known: "Patient", arrival: Arrival, origin: Source) -> bool:
    """Take over details the source changed since its last file; what was corrected here stays."""
    added = people.add_identifiers(by=arrival.by, now=arrival.now, patient=known, identifiers=arrival.pairs)
    last = Import.objects.filter(patient=known, origin=origin).order_by("-id").first()
    if last is not None and last.patient_digest == digest(arrival.person):
        return bool(added)
    new = _merged(details_of(known), _details(arrival.person))
    return people.change_details(by=arrival.by, now=arrival.now, patient=known, details=new) or bool(added)


def _merged(held: Details, said: Details) -> Details:
    """What the file says, where it says something."""
    kept = {name: value for name, value in vars(said).items() if value not in {"", "unknown", False}}
    return replace(held, **kept)


def _details(person: ImportedPatient) -> Details:
    contact = person.contact
    return Details(
        family_name=person.family_name,
        given_name=person.given_name,
        birth_date=person.birth_date,
        sex=person.sex,
        phone=person.phone,
        email=person.email,
        address=person.address,
        contact_name=contact.name if contact else "",
        contact_phone=contact.phone if contact else "",
        contact_relation=contact.relation if contact else "",
        is_deceased=person.is_deceased,
        deceased_on=person.deceased.text if person.deceased else "",
    )
