"""Who is looking."""

from django.http import HttpRequest

from openkap.apps.access.models import User


def viewer_of(request: HttpRequest) -> User:
    """The person who is signed in; the policy of the route has seen to it that there is one."""
    assert isinstance(request.user, User)  # noqa: S101  what the policy promised
    return request.user
