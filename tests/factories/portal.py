"""Patients' own pages for tests: help entered, patients invited and let in, through the operations."""

from datetime import datetime

from django.test import Client
from django.utils import timezone

from openkap.apps.access.models import User
from openkap.apps.audit.operations import Actor, SystemActor
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.links import token_of
from openkap.apps.people.models import Patient
from openkap.apps.portal.helping import change_help
from openkap.apps.portal.models import PortalLink
from openkap.apps.portal.operations import Attempt, invite, open_link
from openkap.apps.portal.queries import HelpLine
from openkap.apps.sites.models import Site
from tests.factories.access import a_client
from tests.factories.sites import THEN


def a_help(site: Site, by: Actor | None = None) -> None:
    """Numbers of a site, and who reads what patients write."""
    change_help(
        by=by or SystemActor(),
        now=THEN,
        site=site,
        emergency_number="911",
        lines=[
            HelpLine("Call or text 988", "988", "text", "Suicide and Crisis Lifeline, day and night"),
            HelpLine("Clinic nurse", "555 0142", "call", "open until 20:00"),
        ],
        reads={
            "en": "Your care team reads this on weekdays from 8 to 18. At night and at weekends nobody does.",
            "es": "Su equipo lo lee de lunes a viernes de 8 a 18 h. De noche y en fin de semana nadie lo lee.",
        },
    )


def invited(patient: Patient, by: Actor | None = None, now: datetime = THEN) -> PortalLink:
    """A link handed over to the patient."""
    return invite(by=by or SystemActor(), now=now, patient=patient, channel=Channel.HANDED)


def opened(link: PortalLink, now: datetime = THEN) -> Attempt:
    """The patient opens it with their birth date."""
    birth_date = link.patient.birth_date
    return open_link(now=now, token=token_of(link.public_id), birth_date=birth_date, browser="")


def let_in(patient: Patient, now: datetime | None = None) -> User:
    """A patient who was invited and has come in; returns their account."""
    moment = now or timezone.now()
    opened(invited(patient, now=moment), moment)
    patient.refresh_from_db()
    assert patient.user is not None
    return patient.user


def a_telephone(patient: Patient) -> Client:
    """A browser in which the patient is signed in."""
    return a_client(patient.user or let_in(patient))
