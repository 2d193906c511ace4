"""Sites: the clinics and retreat houses of one installation."""

from django.db import models

from openkap.apps.sites.rows import new_id


class Site(models.Model):
    """A place with its own staff, rooms, patients and time zone."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64)
    jurisdiction = models.CharField(max_length=16)

    def __str__(self) -> str:
        return self.name
