"""The rota of a site: who is on duty when, and what happens when nobody is."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openkap.apps.access import queries as access
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.messages import operations as outbox
from openkap.apps.messages import queries as outbox_queries
from openkap.apps.messages.channels import Channel
from openkap.apps.people.viewer import viewer_of
from openkap.apps.safety import operations, rota
from openkap.apps.safety.forms import NumberForm, ShiftForm, UnstaffedForm
from openkap.apps.sites.models import Site
from openkap.apps.sites.queries import site as site_with_id
from openkap.apps.sites.queries import sites_with_ids
from openkap.errors import BadInput, NotFound, OpenkapError

DAYS_AHEAD = 7


@requires(Permission.ROTA_WRITE)
@require_safe
def all_sites(request: HttpRequest) -> HttpResponse:
    """The sites whose rota the viewer keeps."""
    sites = sites_with_ids(access.sites_where(viewer_of(request), Permission.ROTA_WRITE))
    now = timezone.now()
    return render(request, "safety/duty_sites.html", {"rows": [(one, rota.duty_at(one, now)) for one in sites]})


@requires(Permission.ROTA_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def site(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """The rota; POST puts somebody on duty."""
    place = _kept(request, site_id)
    form = ShiftForm(rota.who_may_be_on_duty(place), request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.add_shift(by=viewer_of(request), now=timezone.now(), site=place, shift=form.shift())
        except BadInput as error:
            form.refuse(error)
        else:
            messages.success(request, _("It is in the rota."))
            return redirect("safety:duty", site_id)
    return _page(request, place, shift_form=form)


@requires(Permission.ROTA_WRITE)
@require_POST
def unstaffed(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """Say what happens when nobody is on duty."""
    place = _kept(request, site_id)
    held = rota.unstaffed_of(place)
    form = UnstaffedForm(rota.who_may_be_on_duty(place), held, request.POST)
    if form.is_valid():
        try:
            operations.change_unstaffed(
                by=viewer_of(request),
                now=timezone.now(),
                site=place,
                user=form.named(),
                what_happens=form.cleaned_data["what_happens"],
            )
        except BadInput as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("safety:duty", site_id)
    return _page(request, place, unstaffed_form=form)


@requires(Permission.ROTA_WRITE)
@require_POST
def number(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """Say by which number somebody on the staff is sent text messages."""
    place = _kept(request, site_id)
    form = NumberForm(rota.who_may_be_on_duty(place), request.POST)
    if form.is_valid():
        try:
            outbox.change_staff_number(
                by=viewer_of(request),
                now=timezone.now(),
                site=place,
                user=form.named(),
                number=form.cleaned_data["number"],
            )
        except BadInput as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("safety:duty", site_id)
    return _page(request, place, number_form=form)


@requires(Permission.ROTA_WRITE)
@require_POST
def end(request: HttpRequest, site_id: UUID, shift_id: UUID) -> HttpResponse:
    """Take a shift out."""
    place = _kept(request, site_id)
    shift = rota.shifts_of(place).filter(public_id=shift_id).first()
    if shift is None:
        raise NotFound(_("This shift is not in the rota any more."))
    try:
        operations.end_shift(by=viewer_of(request), now=timezone.now(), shift=shift)
    except OpenkapError as error:
        messages.error(request, str(error))
    return redirect("safety:duty", site_id)


def _kept(request: HttpRequest, site_id: UUID) -> Site:
    place = site_with_id(site_id)
    if place.pk not in access.sites_where(viewer_of(request), Permission.ROTA_WRITE):
        raise NotFound(_("There is no such site, or you do not keep its rota."))
    return place


def _page(
    request: HttpRequest,
    place: Site,
    shift_form: ShiftForm | None = None,
    unstaffed_form: UnstaffedForm | None = None,
    number_form: NumberForm | None = None,
) -> HttpResponse:
    now, staff = timezone.now(), rota.who_may_be_on_duty(place)
    today = now.astimezone(ZoneInfo(place.time_zone)).date()
    days = [today + timedelta(days=n) for n in range(DAYS_AHEAD)]
    shifts = rota.shifts_of(place)
    numbers = outbox_queries.numbers_of_staff(staff)
    context = {
        "site": place,
        "duty": rota.duty_at(place, now),
        "weekly": [one for one in shifts if one.on is None],
        "dated": [one for one in shifts if one.on is not None and one.on >= today],
        "gaps": [(day, rota.hours_without(place, day)) for day in days],
        "rule": rota.unstaffed_of(place),
        "shift_form": shift_form or ShiftForm(staff),
        "unstaffed_form": unstaffed_form or UnstaffedForm(staff, rota.unstaffed_of(place)),
        "number_form": number_form or NumberForm(staff),
        "reached": [(user, numbers.get(user.pk, "")) for user in staff],
        "by_mail": outbox_queries.is_set_up(Channel.MAIL),
        "by_text": outbox_queries.is_set_up(Channel.SMS),
    }
    wrong = any(form is not None and form.errors for form in (shift_form, unstaffed_form, number_form))
    return render(request, "safety/duty.html", context, status=400 if wrong else 200)
