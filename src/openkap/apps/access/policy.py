"""The policy of a route: named on its view, enforced by `PolicyMiddleware`, walked by the route census test."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from openkap.apps.access.roles import Permission

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Policy:
    """What a caller of the route needs. `permissions` by HTTP method; None means no sign-in is needed."""

    permission: Permission | None
    to_write: Permission | None
    about_patient: bool = False


def public(view: View) -> View:
    """Anyone may call this view: sign-in pages, health, static texts."""
    view.policy = Policy(None, None)  # type: ignore[attr-defined]
    return view


def requires(
    permission: Permission, *, to_write: Permission | None = None, about_patient: bool = False
) -> Callable[[View], View]:
    """The caller needs `permission` at one site at least, and `to_write` (default the same) for unsafe methods.

    `about_patient` says that the route has a `patient_id` or an object of one patient: the view must fetch it
    through a query scoped to the viewer, and the matrix test calls it for an own and for another patient.
    """

    def name_policy(view: View) -> View:
        view.policy = Policy(permission, to_write or permission, about_patient)  # type: ignore[attr-defined]
        return view

    return name_policy
