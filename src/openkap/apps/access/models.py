"""Users, what they are at each site, and break-glass grants."""

from typing import ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from openkap.apps.access.roles import ROLE_NAMES, Role
from openkap.apps.sites.rows import new_id


class User(AbstractBaseUser):
    """A person who signs in: staff, or a patient of the portal."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=120)
    credentials = models.CharField(max_length=40, blank=True)  # such as 'MD', 'RN'; shown after the name
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=8, default="en")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["full_name"]
    objects = BaseUserManager["User"]()

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
