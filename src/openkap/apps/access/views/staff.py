"""Staff and their roles, for administrators."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openkap.apps.access import operations, permissions, queries
from openkap.apps.access.forms import AddUserForm, GrantRoleForm
from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import ROLE_NAMES, Permission, Role
from openkap.apps.access.views.security import signed_in_user
from openkap.apps.sites.queries import site as site_with_id
from openkap.apps.sites.queries import sites_with_ids
from openkap.errors import OpenkapError


@requires(Permission.STAFF_MANAGE)
@require_GET
def staff(request: HttpRequest) -> HttpResponse:
    """Everyone at the sites the viewer administers, and accounts that have no role yet."""
    sites = queries.sites_where(signed_in_user(request), Permission.STAFF_MANAGE)
    people = [
        {"person": person, "roles": queries.current_roles(person), "is_staff": queries.is_staff(person)}
        for person in queries.staff_to_manage(sites)
    ]
    return render(request, "access/staff.html", {"people": people})


@requires(Permission.STAFF_MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new account with its first role, and the link to hand over."""
    by = signed_in_user(request)
    form = AddUserForm(request.POST if request.method == "POST" else None, sites=_site_choices(by))
    if request.method == "POST" and form.is_valid():
        try:
            person = operations.add_member_of_staff(
                by=by,
                now=timezone.now(),
                email=form.cleaned_data["email"],
                full_name=form.cleaned_data["full_name"],
                credentials=form.cleaned_data["credentials"],
                site=site_with_id(form.cleaned_data["site"]),
                role=Role(form.cleaned_data["role"]),
            )
        except OpenkapError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return _with_link(request, by, person)
    return render(request, "access/staff_add.html", {"form": form}, status=400 if form.errors else 200)


@requires(Permission.STAFF_MANAGE)
@require_GET
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One account: roles now and before, and what can be done."""
    return _person_page(request, _managed(request, user_id))


@requires(Permission.STAFF_MANAGE)
@require_POST
def grant(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One more role."""
    by, managed = signed_in_user(request), _managed(request, user_id)
    form = GrantRoleForm(request.POST, sites=_site_choices(by))
    if form.is_valid():
        try:
            operations.grant_role(
                by=by,
                now=timezone.now(),
                user=managed,
                site=site_with_id(form.cleaned_data["site"]),
                role=Role(form.cleaned_data["role"]),
            )
        except OpenkapError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The role begins now."))
            return redirect("access:person", user_id)
    return _person_page(request, managed, form, status=400)


@requires(Permission.STAFF_MANAGE)
@require_POST
def end(request: HttpRequest, user_id: UUID, membership_id: int) -> HttpResponse:
    """End a role."""
    member = queries.membership(_managed(request, user_id), membership_id)
    operations.end_role(by=signed_in_user(request), now=timezone.now(), membership=member)
    messages.success(request, _("The role has ended."))
    return redirect("access:person", user_id)


@requires(Permission.STAFF_MANAGE)
@require_POST
def close(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Close the account."""
    operations.close_account(by=signed_in_user(request), now=timezone.now(), user=_managed(request, user_id))
    messages.success(request, _("The account is closed and signed out everywhere."))
    return redirect("access:person", user_id)


@requires(Permission.STAFF_MANAGE)
@require_POST
def reopen(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Open a closed account."""
    operations.reopen_account(by=signed_in_user(request), now=timezone.now(), user=_managed(request, user_id))
    messages.success(request, _("The account is open again."))
    return redirect("access:person", user_id)


@requires(Permission.STAFF_MANAGE)
@require_POST
def forget(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Void password and factors of someone who lost them."""
    operations.forget_second_factors(
        by=signed_in_user(request), now=timezone.now(), user=_managed(request, user_id)
    )
    messages.success(request, _("Password and second factors are void. Hand over a new set-up link."))
    return redirect("access:person", user_id)


@requires(Permission.STAFF_MANAGE)
@require_POST
def link(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Make a set-up link and show it, once."""
    return _with_link(request, signed_in_user(request), _managed(request, user_id))


def _with_link(request: HttpRequest, by: User, managed: User) -> HttpResponse:
    token = operations.set_up_token(by=by, now=timezone.now(), user=managed)
    path = reverse("access:welcome", args=[managed.public_id, token])
    context = {"person": managed, "link": request.build_absolute_uri(path)}
    return render(request, "access/staff_link.html", context)


def _person_page(
    request: HttpRequest, managed: User, form: GrantRoleForm | None = None, *, status: int = 200
) -> HttpResponse:
    by = signed_in_user(request)
    context = {
        "person": managed,
        "memberships": [
            {"row": row, "name": ROLE_NAMES[row.as_role()]} for row in queries.memberships_of(managed)
        ],
        "mine": queries.sites_where(by, Permission.STAFF_MANAGE),
        "is_me": managed.pk == by.pk,
        "form": form or GrantRoleForm(sites=_site_choices(by)),
    }
    return render(request, "access/person.html", context, status=status)


def _managed(request: HttpRequest, user_id: UUID) -> User:
    """The account, if the viewer administers a site of it or it has no role yet. Raises `NotFound`."""
    by = signed_in_user(request)
    permissions.check_manages_staff(by)
    return queries.manageable(queries.sites_where(by, Permission.STAFF_MANAGE), user_id)


def _site_choices(by: User) -> list[tuple[str, str]]:
    sites = sites_with_ids(queries.sites_where(by, Permission.STAFF_MANAGE))
    return [(str(site.public_id), site.name) for site in sites]
