"""The form a patient has under way."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from openkap.apps.measures import fillings, queries
from openkap.apps.people.queries import own_patient
from openkap.apps.people.viewer import viewer_of
from openkap.errors import NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from openkap.apps.people.models import Patient
    from openkap.knowledge.schema.instrument import Instrument

View = Callable[..., HttpResponse]


def of_own_form(view: View) -> View:
    """Give the view the viewer's own form of the instrument in the address, as `filling`.

    Where none is under way, a page leads on: to the thanks for the one that was handed in, else to where it
    begins. So going back, or handing in twice on a poor line, ends well. An answer that came alone raises
    `NotFound`.
    """

    @wraps(view)
    def shown(request: HttpRequest, instrument_id: str, **rest: Any) -> HttpResponse:
        patient, now = own_patient(viewer_of(request)), timezone.now()
        instrument = queries.instrument_for_entry(patient, now, instrument_id)
        filling = fillings.open_filling(patient, instrument)
        if filling is not None:
            return view(request, filling, **rest)
        if request.method == "PUT":
            raise NotFound(_("There is nothing to fill in now."))
        return _onward(patient, now, instrument)

    return shown


def _onward(patient: "Patient", now: "datetime", instrument: "Instrument") -> HttpResponse:
    handed_in = fillings.last_handed_in(patient, instrument)
    asked_again = any(one.instrument.id == instrument.id for one in fillings.asked_of(patient, now))
    if handed_in is None or asked_again:
        return redirect("measures:own-start", instrument.id)
    return redirect("measures:own-done", handed_in.public_id)
