"""A patient's own way in, as staff open and close it: from the chart's details."""

from datetime import datetime
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.access.views.security import signed_in_user
from openkap.apps.audit import operations as audit
from openkap.apps.intake import operations as intake
from openkap.apps.intake.queries import intakes_of
from openkap.apps.messages import operations as outbox
from openkap.apps.messages import queries as outbox_queries
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.links import path_of
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import subject_of
from openkap.apps.people.queries import patient_for
from openkap.apps.portal import operations, queries
from openkap.errors import NotAllowedNow
from openkap.web.portal_forms import ChannelsForm, InviteForm

SHOWN_MESSAGES = 20


@requires(Permission.PATIENT_INVITE, about_patient=True)
@require_GET
def way_in(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Where the patient's own way in stands, how they are reached, what was sent."""
    viewer, now, patient = _who(request, patient_id)
    note_read(viewer, now, patient)
    return _page(request, patient, now)


@requires(Permission.PATIENT_INVITE, about_patient=True)
@require_POST
def invite(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Invite, by message or by a link that is shown here once."""
    viewer, now, patient = _who(request, patient_id)
    form = InviteForm(channels_of(patient), request.POST)
    if not form.is_valid():
        return _page(request, patient, now, form)
    channel = Channel(form.cleaned_data["channel"])
    try:
        invitation = intake.invite_to_intake if form.cleaned_data["with_intake"] else operations.invite
        link = invitation(
            by=viewer, now=now, patient=patient, channel=channel, language=form.cleaned_data["language"]
        )
    except NotAllowedNow as error:
        form.add_error(None, str(error))
        _viewer, _now, patient = _who(request, patient_id)  # as it stands, without what was undone
        return _page(request, patient, now, form)
    if channel is not Channel.HANDED:
        messages.success(request, _("The invitation is on its way."))
        return redirect("portal:way-in", patient_id)
    address = request.build_absolute_uri(path_of(link.public_id))
    picture = segno.make(address, error="m").svg_data_uri(scale=6, border=2, light="#ffffff")
    context = {"patient": patient, "address": address, "picture": picture, "link": link}
    return render(request, "portal/hand_over.html", context)


@requires(Permission.PATIENT_INVITE, about_patient=True)
@require_POST
def take_back(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """End the links that could still be opened."""
    viewer, now, patient = _who(request, patient_id)
    operations.take_back(by=viewer, now=now, patient=patient)
    messages.success(request, _("The link no longer opens anything."))
    return redirect("portal:way-in", patient_id)


@requires(Permission.PATIENT_INVITE, about_patient=True)
@require_POST
def close(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Close the account: for a lost telephone, a wrong person, or at the patient's wish."""
    viewer, now, patient = _who(request, patient_id)
    operations.close_access(by=viewer, now=now, patient=patient)
    messages.success(request, _("The account is closed and signed out everywhere."))
    return redirect("portal:way-in", patient_id)


@requires(Permission.PATIENT_INVITE, about_patient=True)
@require_POST
def channels(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Note by which ways the patient agreed to be written to."""
    viewer, now, patient = _who(request, patient_id)
    form = ChannelsForm(request.POST)
    form.is_valid()
    for channel in (Channel.MAIL, Channel.SMS):
        allowed = bool(form.cleaned_data.get(channel.value))
        outbox.choose_channel(by=viewer, now=now, patient=patient, channel=channel, allowed=allowed)
    messages.success(request, _("Saved."))
    return redirect("portal:way-in", patient_id)


def channels_of(patient: Patient) -> list[tuple[str, str]]:
    """The ways an invitation can take now; handing it over always works."""
    ways = [
        (
            way.channel.value,
            _("%(channel)s to %(address)s") % {"channel": way.channel.label, "address": way.address},
        )
        for way in outbox_queries.ways_to_reach(patient)
        if not way.why_not
    ]
    return [*ways, (Channel.HANDED.value, _("handed over: a link to scan, shown here once"))]


@transaction.atomic
def note_read(viewer: User, now: datetime, patient: Patient) -> None:
    """One row of the trail for this request."""
    audit.record(by=viewer, now=now, action="people.read", subject=subject_of(patient))


def _who(request: HttpRequest, patient_id: UUID) -> tuple[User, datetime, Patient]:
    viewer = signed_in_user(request)
    return viewer, timezone.now(), patient_for(viewer, patient_id, Permission.PATIENT_INVITE)


def _page(
    request: HttpRequest, patient: Patient, now: datetime, form: InviteForm | None = None
) -> HttpResponse:
    ways, intakes = outbox_queries.ways_to_reach(patient), intakes_of(patient)
    context = {
        "patient": patient,
        "access": queries.access_of(patient, now),
        "form": form or InviteForm(channels_of(patient), initial={"with_intake": not intakes}),
        "intakes": intakes,
        "channels": ChannelsForm(initial={way.channel.value: way.allowed for way in ways}),
        "ways": ways,
        "sent": outbox_queries.messages_to(patient)[:SHOWN_MESSAGES],
        "hours": settings.OPENKAP_INVITATION_HOURS,
        "help": queries.help_at(patient.site),
    }
    return render(request, "portal/way_in.html", context, status=400 if form is not None else 200)
