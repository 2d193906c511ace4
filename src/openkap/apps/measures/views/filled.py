"""The form a patient has under way."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from openkap.apps.measures import fillings, queries
from openkap.apps.measures.models import Filling
from openkap.apps.people.queries import own_patient
from openkap.apps.people.viewer import viewer_of
from openkap.errors import NotFound


def own_open(request: HttpRequest, instrument_id: str) -> Filling:
    """The viewer's own form of that instrument. Raises `NotFound` where none is under way."""
    patient = own_patient(viewer_of(request))
    instrument = queries.instrument_for_entry(patient, timezone.now(), instrument_id)
    filling = fillings.open_filling(patient, instrument)
    if filling is None:
        raise NotFound(_("There is nothing to fill in now."))
    return filling
