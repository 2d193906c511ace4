"""A site's own times of the pathway: shown to whoever keeps the rota, signed by the medical director."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openkap.apps.access import queries as access
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import ROLE_NAMES, Permission, Role
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people.viewer import viewer_of
from openkap.apps.safety import operations, timing
from openkap.apps.safety.models import SiteTiming
from openkap.apps.safety.operations import LooserThanTheRecord
from openkap.apps.safety.timing_form import TimingForm, key_words
from openkap.apps.sites.models import Site
from openkap.apps.sites.queries import site as site_with_id
from openkap.errors import BadInput, NotFound, OpenkapError


@requires(Permission.ROTA_WRITE, to_write=Permission.KNOWLEDGE_SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def times(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """The times; POST signs the site's own as a new version."""
    viewer, now, place = viewer_of(request), timezone.now(), _kept(request, site_id)
    known = knowledge_for(place, now)
    last = timing.versions_of(place).first()
    today = now.astimezone(ZoneInfo(place.time_zone)).date()
    form = TimingForm(
        known,
        timing.timing_at(place, now, known),
        today,
        last.version if last else 0,
        request.POST if request.method == "POST" else None,
    )
    if form.is_valid():
        try:
            operations.change_timing(by=viewer, now=now, site=place, wanted=form.wanted())
        except LooserThanTheRecord as error:
            form.ask_to_sign(error.keys)
            form.add_error(None, str(error))
        except BadInput as error:
            form.add_error(form.field_of(error.field), str(error))
        except OpenkapError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Signed. It holds from the day you chose."))
            return redirect("safety:times", site_id)
    record = timing.record_timing(known)
    words = key_words(known)
    context: dict[str, Any] = {
        "site": place,
        "form": form,
        "groups": form.groups(record),
        "record": record,
        "factor": timing.may_loosen_to(known),
        "versions": [_version(row, words) for row in timing.versions_of(place)],
        "may_sign": place.pk in access.sites_where(viewer, Permission.KNOWLEDGE_SIGN),
        "today": today,
    }
    return render(request, "safety/times.html", context, status=400 if form.errors else 200)


def _version(row: SiteTiming, words: dict[str, str]) -> tuple[SiteTiming, list[tuple[str, str, bool]]]:
    """A version with what it changes: words, value, and whether it was signed as looser."""
    changes = [
        (words.get(key, key), _("%(n)d min") % {"n": minutes}, key in row.looser)
        for key, minutes in row.minutes.items()
    ]
    changes += [
        (words.get(key, key), " → ".join(str(ROLE_NAMES[Role(role)]) for role in roles), key in row.looser)
        for key, roles in row.roles.items()
    ]
    if row.review_hour is not None:
        changes.append((words["review"], f"{row.review_hour}:00", False))
    return row, changes


def _kept(request: HttpRequest, site_id: UUID) -> Site:
    place = site_with_id(site_id)
    if place.pk not in access.sites_where(viewer_of(request), Permission.ROTA_WRITE):
        raise NotFound(_("There is no such site, or you do not keep its rota."))
    return place
