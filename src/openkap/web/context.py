"""What every template knows: who is here, where they can go, how the page should look."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.policy import Policy
from openkap.apps.access.roles import ROLE_NAMES, ROLES, Permission, Role
from openkap.web.inbox import count_for
from openkap.web.navigation import INBOX, Destination, destinations_for
from openkap.web.portal import Frame

THEMES = ("light", "dark")


@dataclass(frozen=True)
class NavigationEntry:
    """A destination as drawn on this page."""

    destination: Destination
    current: bool
    count: int = 0


@dataclass(frozen=True)
class Shell:
    """The frame around a page, for the person who asked for it."""

    entries: list[NavigationEntry]
    name: str
    initials: str
    roles: list[str]
    sites: list[str]
    may_search: bool
    hears_alerts: bool
    hidden_while_locked: bool  # the page is not answered while entry is locked, so an open one is covered


def initials_of(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = name.split()
    ends = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[0] for word in ends).upper()


def permissions_of(user: User) -> frozenset[Permission]:
    """Everything the user may do at one site at least; what to do where is for the queries to say."""
    return frozenset(p for roles in access.roles_of(user).values() for role in roles for p in ROLES[role])


def theme_choice(request: HttpRequest) -> str:
    """What the person chose by the switch: 'light', 'dark', or 'system'."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else "system"


def _shell(request: HttpRequest) -> Shell | None:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return None
    roles = access.roles_of(user)
    held = {role for at_site in roles.values() for role in at_site}
    permissions = permissions_of(user)
    return Shell(
        entries=[
            NavigationEntry(destination, destination.is_current(request.path), _count(user, destination))
            for destination in destinations_for(permissions)
        ],
        name=str(user),
        initials=initials_of(user.full_name),
        roles=[str(ROLE_NAMES[role]) for role in Role if role in held],
        sites=[site.name for site in access.own_sites(user)],
        may_search=Permission.PATIENT_LIST in permissions,
        hears_alerts=Permission.TASK_READ in permissions,
        hidden_while_locked=_is_hidden_while_locked(request),
    )


def _count(user: User, destination: Destination) -> int:
    """How much waits at a destination; only what came in is counted there."""
    return count_for(user, timezone.now()) if destination.path == INBOX else 0


def _is_hidden_while_locked(request: HttpRequest) -> bool:
    """Whether the page's policy keeps it from sight while entry is locked."""
    policy: Policy | None = getattr(getattr(request.resolver_match, "func", None), "policy", None)
    return policy is not None and policy.permission is not None and not policy.while_locked


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. The shell is worked out only when a template draws it."""
    return {
        "shell": SimpleLazyObject(lambda: _shell(request)),
        "no_accounts": SimpleLazyObject(lambda: not access.anyone_can_sign_in()),  # asked by the sign-in page
        "portal": Frame(request),
        "theme_choice": theme_choice(request),
        "demonstration": getattr(settings, "DEMONSTRATION", False),
    }
