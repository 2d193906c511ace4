"""Reading section by section, saying back, signing: on the clinic's tablet, or in the portal alone."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openkap.apps.access.locking import NotProved, unlock
from openkap.apps.access.middleware.base import sign_in_of
from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.consent import operations, queries
from openkap.apps.consent.forms import AskForm, SayBackForm, SignForm, WithdrawForm, refuse
from openkap.apps.consent.models import Consent
from openkap.apps.consent.operations.signing import check_ready
from openkap.apps.consent.paper import signed_pdf
from openkap.apps.consent.shown import consent_shown, progress_of
from openkap.apps.consent.states import may
from openkap.apps.people.viewer import viewer_of
from openkap.errors import OpenkapError

JUST_SIGNED_IN = timedelta(minutes=10)


@dataclass(frozen=True)
class Place:
    """Where a text is read: whose pages these are, and how their addresses begin."""

    prefix: str
    frame: str
    permission: Permission
    own: bool

    def address(self, consent: Consent, page: str, *more: object) -> str:
        """The address of one of its pages."""
        return reverse(f"consent:{self.prefix}{page}", args=[consent.public_id, *more])


TABLET = Place("", "consent/frame_tablet.html", Permission.CONSENT_TAKE, own=False)
PORTAL = Place("own-", "consent/frame_portal.html", Permission.OWN_RECORD, own=True)


def _page(request: HttpRequest, place: Place, consent: Consent, template: str, **context: Any) -> HttpResponse:
    form = context.get("form")
    about = {
        "frame": place.frame,
        "own": place.own,
        "consent": consent,
        "patient": consent.patient,
        "progress": progress_of(consent),
        "leave": _leave(place, consent),
        "nav": "today",
    }
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, template, about | context, status=status)


def _leave(place: Place, consent: Consent) -> str:
    if place.own:
        return reverse("consent:own")
    return reverse("consent:record", args=[consent.patient.public_id, consent.public_id])


def _onward(place: Place, consent: Consent) -> HttpResponseRedirect:
    """To what comes next: a section, the words of understanding, the signature, or the end."""
    progress = progress_of(consent)
    if not may(consent.state, "read"):
        return HttpResponseRedirect(_leave(place, consent))
    if progress.next_section:
        return HttpResponseRedirect(place.address(consent, "section", progress.next_section))
    return HttpResponseRedirect(place.address(consent, "sign" if progress.is_said else "understood"))


def _section(request: HttpRequest, place: Place, consent: Consent, section_id: str) -> HttpResponse:
    sections = queries.sections_of(consent)
    section = next((one for one in sections if one.id == section_id), None)
    if section is None or not may(consent.state, "read"):
        return _onward(place, consent)
    if request.method == "POST":
        operations.acknowledge(
            by=viewer_of(request), now=timezone.now(), consent=consent, sections=[section_id]
        )
        following = sections[section.number] if section.number < len(sections) else None
        if following is not None and following.read_at is not None:
            return HttpResponseRedirect(place.address(consent, "section", following.id))
        return _onward(place, queries.consent_for(viewer_of(request), consent.public_id, place.permission))
    return _show_section(request, place, consent, section_id, AskForm(own=place.own))


def _show_section(
    request: HttpRequest, place: Place, consent: Consent, section_id: str, form: AskForm
) -> HttpResponse:
    sections = queries.sections_of(consent)
    section = next(one for one in sections if one.id == section_id)
    before = sections[section.number - 2].id if section.number > 1 else ""
    return _page(
        request,
        place,
        consent,
        "consent/section.html",
        section=section,
        sections=sections,
        form=form,
        back=place.address(consent, "section", before) if before else "",
        ask=place.address(consent, "ask", section_id),
    )


def _ask(request: HttpRequest, place: Place, consent: Consent, section_id: str) -> HttpResponse:
    form = AskForm(request.POST, own=place.own)
    if form.is_valid():
        try:
            operations.ask_question(
                by=viewer_of(request),
                now=timezone.now(),
                consent=consent,
                section=section_id,
                **form.cleaned_data,
            )
        except OpenkapError as error:
            refuse(form, error)
        else:
            messages.success(request, _("The question is kept."))
            return HttpResponseRedirect(place.address(consent, "section", section_id))
    if section_id not in {one["id"] for one in consent.document["sections"]}:
        return _onward(place, consent)
    return _show_section(request, place, consent, section_id, form)


def _understood(request: HttpRequest, place: Place, consent: Consent) -> HttpResponse:
    if not may(consent.state, "read"):
        return _onward(place, consent)
    said = queries.understanding_of(consent)
    initial = {question["id"]: answer.said for question, answer in said if answer is not None}
    questions = [question for question, _answer in said]
    form = SayBackForm(questions, request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            operations.say_back(
                by=viewer_of(request), now=timezone.now(), consent=consent, answers=form.cleaned_data
            )
            return HttpResponseRedirect(place.address(consent, "sign"))
        except OpenkapError as error:
            refuse(form, error)
    return _page(request, place, consent, "consent/understood.html", form=form, questions=questions)


def _sign(request: HttpRequest, place: Place, consent: Consent) -> HttpResponse:
    if not may(consent.state, "sign"):
        return _onward(place, consent)
    asks_code = place.own and not _just_signed_in(request)
    form = SignForm(request.POST if request.method == "POST" else None, asks_code=asks_code)
    if request.method == "POST" and form.is_valid():
        try:
            proved = _proved(request, asks_code=asks_code) if place.own else False
            operations.sign(
                by=viewer_of(request),
                now=timezone.now(),
                consent=consent,
                printed_name=form.cleaned_data["printed_name"],
                drawn="" if place.own else form.cleaned_data["drawn"],
                signed_in_anew=proved,
            )
        except NotProved as error:
            form.add_error("unlock_password", str(error))
        except OpenkapError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Signed. Your clinician confirms it next."))
            return HttpResponseRedirect(_leave(place, consent))
    return _page(request, place, consent, "consent/sign.html", form=form, hindrance=_hindrance(consent))


def _hindrance(consent: Consent) -> str:
    try:
        check_ready(consent, timezone.now())
    except OpenkapError as error:
        return str(error)
    return ""


def _just_signed_in(request: HttpRequest) -> bool:
    sign_in = sign_in_of(request)
    return sign_in is not None and timezone.now() - sign_in.began_at <= JUST_SIGNED_IN


def _proved(request: HttpRequest, *, asks_code: bool) -> bool:
    """Whether the person has just shown who they are: by the code now, or by signing in minutes ago."""
    sign_in = sign_in_of(request)
    if asks_code and sign_in is not None:
        unlock(request, sign_in, timezone.now())
    return sign_in is not None


# ---- on the clinic's tablet


def _on_tablet(request: HttpRequest, consent_id: UUID) -> Consent:
    return queries.consent_for(viewer_of(request), consent_id, Permission.CONSENT_TAKE)


@requires(Permission.CONSENT_TAKE, about_patient=True)
@require_safe
def read(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """Go on where reading stopped."""
    return _onward(TABLET, _on_tablet(request, consent_id))


@requires(Permission.CONSENT_TAKE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, consent_id: UUID, section_id: str) -> HttpResponse:
    """One section to read and confirm."""
    consent = _on_tablet(request, consent_id)
    with translation.override(consent.language):
        return _section(request, TABLET, consent, section_id)


@requires(Permission.CONSENT_TAKE, about_patient=True)
@require_POST
def ask(request: HttpRequest, consent_id: UUID, section_id: str) -> HttpResponse:
    """Keep a question about a section."""
    consent = _on_tablet(request, consent_id)
    with translation.override(consent.language):
        return _ask(request, TABLET, consent, section_id)


@requires(Permission.CONSENT_TAKE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def understood(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """What was understood, in the patient's own words."""
    consent = _on_tablet(request, consent_id)
    with translation.override(consent.language):
        return _understood(request, TABLET, consent)


@requires(Permission.CONSENT_TAKE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """The patient's signature, witnessed."""
    consent = _on_tablet(request, consent_id)
    with translation.override(consent.language):
        return _sign(request, TABLET, consent)


# ---- in the patient's own portal


def _own(request: HttpRequest, consent_id: UUID) -> Consent:
    return queries.consent_for(viewer_of(request), consent_id, Permission.OWN_RECORD)


@requires(Permission.OWN_RECORD)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """The patient's consents: what waits for them, what they signed."""
    viewer, now = viewer_of(request), timezone.now()
    consents = list(queries.own_consents(viewer))
    for consent in consents[:1]:
        _note(viewer, consent, "consent.read")
    return render(
        request, "consent/own.html", {"nav": "own", "consents": [consent_shown(c, now) for c in consents]}
    )


@requires(Permission.OWN_RECORD, about_patient=True)
@require_safe
def own_read(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """Go on where reading stopped."""
    return _onward(PORTAL, _own(request, consent_id))


@requires(Permission.OWN_RECORD, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def own_section(request: HttpRequest, consent_id: UUID, section_id: str) -> HttpResponse:
    """One section to read and confirm."""
    return _section(request, PORTAL, _own(request, consent_id), section_id)


@requires(Permission.OWN_RECORD, about_patient=True)
@require_POST
def own_ask(request: HttpRequest, consent_id: UUID, section_id: str) -> HttpResponse:
    """Ask about a section."""
    return _ask(request, PORTAL, _own(request, consent_id), section_id)


@requires(Permission.OWN_RECORD, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def own_understood(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """What was understood, in the patient's own words."""
    return _understood(request, PORTAL, _own(request, consent_id))


@requires(Permission.OWN_RECORD, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def own_sign(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """The patient's signature after showing again who they are."""
    return _sign(request, PORTAL, _own(request, consent_id))


@requires(Permission.OWN_RECORD, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def own_withdraw(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """Take it back, or say no to what is offered. No reason is needed."""
    consent = _own(request, consent_id)
    takes_back = may(consent.state, "withdraw")
    verb = operations.withdraw if takes_back else operations.decline
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    form.fields["reason"].label = _("Why, if you want to say")
    if request.method == "POST" and form.is_valid():
        verb(by=viewer_of(request), now=timezone.now(), consent=consent, reason=form.cleaned_data["reason"])
        messages.success(request, _("Noted. No dose is given on it. Your team will call you."))
        return HttpResponseRedirect(reverse("consent:own"))
    return _page(request, PORTAL, consent, "consent/own_withdraw.html", form=form, takes_back=takes_back)


@requires(Permission.OWN_RECORD, about_patient=True)
@require_safe
def own_pdf(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """A copy to keep."""
    consent = _own(request, consent_id)
    made = signed_pdf(consent, timezone.now())
    _note(viewer_of(request), consent, "consent.download")
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="consent-{consent.text_digest[:8]}.pdf"'
    return answer


@transaction.atomic
def _note(viewer: User, consent: Consent, action: str) -> None:
    subject = Subject("consent", consent.public_id, consent.patient.public_id, consent.site_id)
    audit.record(by=viewer, now=timezone.now(), action=action, subject=subject)
