"""Options: the decision aid, what matters to the patient, what was talked over, and prices."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.assessment import choosing, queries
from openkap.apps.assessment.forms import refuse
from openkap.apps.assessment.models import Episode, Matter, OptionsTalk
from openkap.apps.assessment.operations import preferences as operations
from openkap.apps.assessment.options_forms import CircumstancesForm, TalkForm, WishesForm, initial_of
from openkap.apps.assessment.options_shown import in_language, page_of
from openkap.apps.audit import operations as audit
from openkap.apps.people import operations as people_operations
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.people.viewer import viewer_of
from openkap.errors import NotAllowedNow, OpenkapError


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def options(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The decision aid as of now, for the circumstances asked for."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.CHART_READ)
    return _page(request, viewer, now, patient)


@requires(Permission.MEASURE_ENTER, about_patient=True)
@require_POST
def preferences(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Note what the patient says matters."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.MEASURE_ENTER)
    page = _aid_page(_episode(patient), now, request)
    form = WishesForm(page["page"].all_options, request.POST)

    def act() -> str:
        operations.note_preferences(by=viewer, now=now, patient=patient, wishes=form.wishes())
        return _("Noted.")

    return _done(request, patient, act, wishes_form=form)


@requires(Permission.ASSESS, about_patient=True)
@require_POST
def talk(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Record which options were talked over."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.ASSESS)
    episode = _episode(patient)
    page = _aid_page(episode, now, request)
    form = TalkForm(page["page"].all_options, request.POST)

    def act() -> str:
        operations.record_options_talk(
            by=viewer,
            now=now,
            episode=episode,
            aid=page["aid"],
            considered=form.considered(),
            note=form.cleaned_data["note"],
        )
        return _("Recorded, with the figures that were shown.")

    return _done(request, patient, act, talk_form=form)


def _done(
    request: HttpRequest, patient: Patient, act: Callable[[], str], **forms_sent: WishesForm | TalkForm
) -> HttpResponse:
    """Act on a valid form and go back to the page; else show the page with what is wrong."""
    (form,) = forms_sent.values()
    if form.is_valid():
        try:
            messages.success(request, act())
            return HttpResponseRedirect(_back(request, patient))
        except OpenkapError as error:
            refuse(form, error)
    return _page(request, viewer_of(request), timezone.now(), patient, **forms_sent)


def _back(request: HttpRequest, patient: Patient) -> str:
    asked = request.GET.urlencode()
    address = reverse("assessment:options", args=[patient.public_id])
    return f"{address}?{asked}" if asked else address


def _episode(patient: Patient) -> Episode:
    episode = queries.current_episode(patient)
    if episode is None:
        raise NotAllowedNow(_("Set the indication first."))
    return episode


def _aid_page(episode: Episode, now: datetime, request: HttpRequest) -> dict[str, Any]:
    """The aid for the circumstances in the address, with the form that sets them."""
    form = CircumstancesForm(choosing.tried_by(episode.patient, now), request.GET)
    tried, setting = form.chosen()
    aid = choosing.aid_of(episode, now, setting, tried)
    page = page_of(aid, choosing.prices_at(episode.patient.site))
    return {"aid": aid, "page": page, "circumstances_form": form, "tried": tried, "setting": setting}


def _page(request: HttpRequest, viewer: User, now: datetime, patient: Patient, **refused: Any) -> HttpResponse:
    _note_read(viewer, now, patient)
    episode = queries.current_episode(patient)
    said = choosing.latest_preferences(patient)
    context: dict[str, Any] = {
        "patient": patient,
        "episode": episode,
        "said": said,
        "matters": matters_of(said.matters) if said else [],
        "talks": [_talk_shown(one, now) for one in choosing.talks_of(patient)],
        "may_note": _may(viewer, patient, Permission.MEASURE_ENTER),
        "may_assess": _may(viewer, patient, Permission.ASSESS),
        "asked": request.GET.urlencode(),
    }
    if episode is not None:
        context |= _aid_page(episode, now, request)
        shown = context["page"].all_options
        names = {one.id: one.name for one in shown}
        context |= {
            "leaning": names.get(said.leaning, "") if said else "",
            "wishes_form": WishesForm(shown, initial=initial_of(said)),
            "talk_form": TalkForm(shown),
        }
    return render(request, "assessment/options/page.html", context | refused, status=400 if refused else 200)


def matters_of(values: list[str]) -> list[str]:
    """Choices of what matters, in words."""
    labels = dict(Matter.choices)
    return [str(labels[value]) for value in values if value in labels]


def _talk_shown(talk: OptionsTalk, now: datetime) -> dict[str, Any]:
    known = choosing.options_known(talk.patient, now)
    standings = dict(OptionsTalk.Standing.choices)
    considered = [
        {
            "name": in_language(known[one["option"]].name) if one["option"] in known else one["option"],
            "standing": standings.get(one["standing"], one["standing"]),
        }
        for one in talk.considered
    ]
    return {"talk": talk, "considered": considered, "records": len(talk.shown)}


@transaction.atomic
def _note_read(viewer: User, now: datetime, patient: Patient) -> None:
    subject = people_operations.subject_of(patient)
    audit.record(by=viewer, now=now, action="assessment.read-options", subject=subject)


def _may(viewer: User, patient: Patient, permission: Permission) -> bool:
    return people.holds(viewer, permission, patient)
