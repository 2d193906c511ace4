"""Deny by default: a view without a policy is refused, whoever calls it."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from openkap.apps.access import queries
from openkap.apps.access.models import User
from openkap.apps.access.policy import Policy

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class PolicyMiddleware:
    """Checks the view's policy before it runs."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        policy: Policy | None = getattr(view, "policy", None)
        if policy is None:
            raise PermissionDenied("This page names no policy, so nobody may see it.")
        if policy.permission is None:
            return None
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        needed = policy.permission if request.method in SAFE else policy.to_write
        if needed is None or not queries.may_anywhere(user, needed):
            raise PermissionDenied("Your role does not include this.")
        return None
