"""The policy of a route: named on its view, enforced by `PolicyMiddleware`, walked by the route census test."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from openkap.apps.access.roles import Permission

View = TypeVar("View", bound=Callable[..., Any])

# What runs now stays in sight however long nobody touched the keyboard: sessions with their vitals, and alerts.
SEEN_WHILE_LOCKED = frozenset({Permission.DOSING_READ, Permission.TASK_READ})


@dataclass(frozen=True)
class Policy:
    """What a caller of the route needs, and how it counts.

    `permission` to read and `to_write` for unsafe methods; None means no sign-in is needed.
    `while_locked`: safe methods answer although entry is locked. `counts_as_activity`: a call is work at the
    keyboard; streams and polls are not. `while_enrolling`: open to staff who have no second factor yet.
    """

    permission: Permission | None
    to_write: Permission | None
    about_patient: bool = False
    while_locked: bool = False
    counts_as_activity: bool = True
    while_enrolling: bool = False


def public(view: View) -> View:
    """Anyone may call this view: sign-in pages, health, static texts."""
    view.policy = Policy(None, None)  # type: ignore[attr-defined]
    return view


def requires(
    permission: Permission,
    *,
    to_write: Permission | None = None,
    about_patient: bool = False,
    while_locked: bool | None = None,
    counts_as_activity: bool = True,
    while_enrolling: bool = False,
) -> Callable[[View], View]:
    """The caller needs `permission` at one site at least, and `to_write` (default the same) for unsafe methods.

    `about_patient` says that the route has a `patient_id` or an object of one patient: the view must fetch it
    through a query scoped to the viewer, and the matrix test calls it for an own and for another patient.
    `while_locked` is by default true for what `SEEN_WHILE_LOCKED` names. Streams and polls say
    `counts_as_activity=False`, so that an open page is not taken for a person at work.
    """
    policy = Policy(
        permission,
        to_write or permission,
        about_patient,
        permission in SEEN_WHILE_LOCKED if while_locked is None else while_locked,
        counts_as_activity,
        while_enrolling,
    )

    def name_policy(view: View) -> View:
        view.policy = policy  # type: ignore[attr-defined]
        return view

    return name_policy


def under(policy: Policy, view: Callable[..., Any]) -> Callable[..., Any]:
    """A view of another package under a policy of ours; the original stays as it is."""

    @wraps(view)
    def mounted(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    mounted.policy = policy  # type: ignore[attr-defined]
    return mounted
