"""The Knowledge screen: what is known here, where it stands, and the director's decisions."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.access.views.security import signed_in_user
from openkap.apps.knowledge_base import operations, queries, words
from openkap.apps.knowledge_base.browsing import Listed, listed, narrowed
from openkap.apps.knowledge_base.forms import FindForm, PackForm, SignOffForm
from openkap.apps.sites.models import Site
from openkap.apps.sites.queries import all_sites, sites_with_ids
from openkap.errors import NotAllowedNow, NotFound, OpenkapError
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.packs import LARGEST

PER_PAGE = 50


@requires(Permission.KNOWLEDGE_READ)
@require_GET
def browse(request: HttpRequest, record_id: str = "") -> HttpResponse:
    """The list, narrowed as asked, and one record whole."""
    return _page(request, record_id)


@requires(Permission.KNOWLEDGE_SIGN)
@require_POST
def sign_off(request: HttpRequest, record_id: str) -> HttpResponse:
    """Adopt or reject the version that was shown."""
    user = signed_in_user(request)
    site, form = _site(request, user), SignOffForm(request.POST)
    if not form.is_valid():
        return _page(request, record_id, form, status=400)
    said = form.cleaned_data
    try:
        operations.sign_off(
            by=user,
            now=timezone.now(),
            record_id=record_id,
            version=said["version"],
            site=None if said["everywhere"] else site,
            adopted=said["decision"] == "adopt",
            reason=said["reason"],
        )
    except OpenkapError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, record_id, form, status=400)
    messages.success(request, _("Your decision is in force."))
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(f"/knowledge/{record_id}/{query}")


@requires(Permission.KNOWLEDGE_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def wordings(request: HttpRequest) -> HttpResponse:
    """The licensed words this site uses; POST takes up a pack."""
    user = signed_in_user(request)
    site, now = _site(request, user), timezone.now()
    form = PackForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            operations.add_pack(
                by=user,
                now=now,
                site=site,
                raw=said["file"].read(LARGEST + 1),
                licence=said["licence"],
                expires_on=said["expires_on"],
            )
        except OpenkapError as error:
            form.add_error(error.field if error.field in form.fields else "file", str(error))
        else:
            messages.success(request, _("The words are in use."))
            return redirect(request.get_full_path())
    known = queries.knowledge_for(site, now)
    context = {
        "site": site,
        "packs": [(pack, known.instruments.get(pack.instrument_id)) for pack in queries.packs_of(site)],
        "without": [one for one in known.instruments.values() if one.total_entry_only],
        "may_sign": site.pk in access.sites_where(user, Permission.KNOWLEDGE_SIGN),
        "form": form,
        "at": known.at,
    }
    return render(request, "knowledge_base/wordings.html", context, status=400 if form.errors else 200)


@requires(Permission.KNOWLEDGE_SIGN)
@require_POST
def withdraw_wording(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """Stop using a pack."""
    user = signed_in_user(request)
    try:
        pack = queries.pack_of(_site(request, user), pack_id)
        operations.withdraw_pack(by=user, now=timezone.now(), pack=pack)
    except NotAllowedNow as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The words are no longer used. What was answered stays readable."))
    return redirect(f"/knowledge/wordings/?{request.GET.urlencode()}")


def _page(
    request: HttpRequest, record_id: str, form: SignOffForm | None = None, *, status: int = 200
) -> HttpResponse:
    user = signed_in_user(request)
    site, now = _site(request, user), timezone.now()
    known = queries.knowledge_for(site, now)
    everything = listed(known, known.at, translation.get_language() or "en")
    find = FindForm(request.GET)
    items = narrowed(everything, find.cleaned_data if find.is_valid() else {})
    shown = next((item for item in everything if item.record.id == record_id), None)
    if record_id and shown is None:
        raise NotFound(_("There is no knowledge record with this name in force here."))
    context = {
        "find": find,
        "page": _page_of_list(items, shown, request.GET.get("page")),
        "total": len(everything),
        "waiting": sum(item.waiting for item in everything),
        "overdue": sum(item.overdue for item in everything),
        "site": site,
        "sites": sites_with_ids(access.sites_where(user, Permission.KNOWLEDGE_READ)),
        "at": known.at,
        "query": _query(request),
        "may_sign": site.pk in access.sites_where(user, Permission.KNOWLEDGE_SIGN),
        **(_one(shown, known, site, user, form) if shown else {}),
    }
    return render(request, "knowledge_base/browse.html", context, status=status)


def _page_of_list(items: list[Listed], shown: Listed | None, asked: str | None) -> Page[Listed]:
    """The page that was asked for; else the one on which the record shown stands."""
    place = items.index(shown) if shown in items else 0
    return Paginator(items, PER_PAGE).get_page(asked or place // PER_PAGE + 1)


def _one(
    shown: Listed, known: KnowledgeSet, site: Site, user: User, form: SignOffForm | None
) -> dict[str, object]:
    record = shown.record
    sign = form or SignOffForm(initial={"version": record.version})
    directs = access.sites_where(user, Permission.KNOWLEDGE_SIGN)
    if not set(all_sites().values_list("pk", flat=True)) <= directs:
        del sign.fields["everywhere"]
    entries = words.entries_of(record, translation.get_language() or "en")
    return {
        "shown": shown,
        "record": record,
        "plain": [entry for entry in entries if not entry.parts],
        "nested": [entry for entry in entries if entry.parts],  # below the sources, which are looked for first
        "decision": known.decision(record.id),
        "decisions": queries.decisions_on(record.id, site),
        "can_be_decided": queries.can_be_decided(record),
        "form": sign,
    }


def _site(request: HttpRequest, user: User) -> Site:
    """The site whose knowledge is shown: the one asked for, or the first of the viewer's."""
    sites = sites_with_ids(access.sites_where(user, Permission.KNOWLEDGE_READ))
    wanted = request.GET.get("site", "")
    return next((site for site in sites if str(site.public_id) == wanted), sites[0])


def _query(request: HttpRequest) -> str:
    """What narrows the list, to be kept in its links."""
    kept = [
        (name, value)
        for name, value in request.GET.items()
        if value and name in {*FindForm.base_fields, "site"}
    ]
    return urlencode(kept)
