"""What it takes to choose: a patient with an episode, a history of failed medicines, wishes, an interview."""

from dataclasses import dataclass
from datetime import datetime

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.assessment.models import Episode
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import link_account
from openkap.apps.sites.models import Site
from tests.factories.access import a_user
from tests.factories.assessment import an_episode
from tests.factories.people import SYSTEM, a_patient
from tests.factories.sites import THEN, a_site


@dataclass(frozen=True)
class Choosing:
    """A patient who has to choose, with an account of their own, and who cares for them."""

    site: Site
    patient: Patient
    episode: Episode
    account: User
    prescriber: User
    therapist: User
    coordinator: User
    director: User


def a_choice(now: datetime = THEN, **asked: str) -> Choosing:
    """A patient in assessment for ketamine IV, unless `asked` says otherwise."""
    site = a_site()
    account = a_user(Role.PATIENT, site=site)
    prescriber, therapist = a_user(Role.PRESCRIBER, site=site), a_user(Role.THERAPIST, site=site)
    patient = a_patient(site, prescriber, therapist, now=now)
    link_account(by=SYSTEM, now=now, patient=patient, user=account)
    patient.refresh_from_db()
    return Choosing(
        site=site,
        patient=patient,
        episode=an_episode(patient, prescriber, now, **asked),
        account=account,
        prescriber=prescriber,
        therapist=therapist,
        coordinator=a_user(Role.COORDINATOR, site=site),
        director=a_user(Role.MEDICAL_DIRECTOR, site=site),
    )
