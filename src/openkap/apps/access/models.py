"""Users, what they are at each site, and where they are signed in."""

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from openkap.adapters.postgres.prepared import Given, Prepared
from openkap.apps.access.roles import ROLE_NAMES, Role
from openkap.apps.sites.rows import new_id

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site

RolesBySite = dict[int, frozenset[Role]]


class UserManager(BaseUserManager["User"]):
    """Django's own; who a session belongs to is asked with every request, so that query is prepared."""

    def get(self, *args: Any, **kwargs: Any) -> "User":
        """One user, as Django's `get` finds them."""
        by_key = type(self) is UserManager and not args and kwargs.keys() == {"pk"}
        if not by_key or not isinstance(kwargs["pk"], int):
            return super().get(*args, **kwargs)  # of a relation, too, whose manager is made of this one
        found = _BY_KEY.first(**kwargs)
        if found is None:
            raise User.DoesNotExist
        return found


_BY_KEY = Prepared(lambda: User.objects.filter(pk=Given("pk")))


class User(AbstractBaseUser):
    """A person who signs in: staff, or a patient of the portal."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)  # in lower case
    full_name = models.CharField(max_length=120)
    credentials = models.CharField(max_length=40, blank=True)  # such as 'MD', 'RN'; shown after the name
    is_active = models.BooleanField(default=True)
    is_demonstration = models.BooleanField(default=False)  # a person of the demonstration clinic; no one real
    language = models.CharField(max_length=8, default="en")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["full_name"]
    objects = UserManager()

    # Filled once per request by the policy middleware, so that a page asks for them once.
    remembered_roles: RolesBySite | None = None
    remembered_sites: "tuple[Site, ...] | None" = None
    remembered_self: Any = None  # the patient whose account this is; `people.queries.own_patient` knows them

    def __str__(self) -> str:
        return f"{self.full_name} {self.credentials}".strip()

    @property
    def audit_kind(self) -> str:
        return "user"

    @property
    def audit_id(self) -> UUID:
        return self.public_id


class Membership(models.Model):
    """What a user is at a site, and since when."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24, choices=[(role.value, name) for role, name in ROLE_NAMES.items()])
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "site", "role"],
                condition=models.Q(ended_at__isnull=True),
                name="access_one_current_membership",
            ),
        ]

    def as_role(self) -> Role:
        return Role(self.role)


class SignIn(models.Model):
    """One signing in on one device, until it is ended.

    Idle time is kept here and not in the session's data: sessions are written whole, so that two requests at
    once would undo each other, and an ended sign-in must stay ended whatever key the session has by then.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    last_active_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=300, blank=True)  # what the browser says it is
    for_portal = models.BooleanField(default=False)  # of a patient: lasts longer, as it is their own telephone

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "-began_at"], name="access_sign_in_user")]
