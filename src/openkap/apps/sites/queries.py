"""Reading the sites of the installation."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from openkap.apps.sites.models import Site
from openkap.errors import NotFound


def all_sites() -> QuerySet[Site]:
    """Every site, by name."""
    return Site.objects.order_by("name", "id")


def sites_with_ids(ids: Iterable[int]) -> QuerySet[Site]:
    """The sites with these inner ids, by name."""
    return all_sites().filter(id__in=list(ids))


def site(site_id: UUID) -> Site:
    """The site with this public id. Raises `NotFound`."""
    found = Site.objects.filter(public_id=site_id).first()
    if found is None:
        raise NotFound("There is no such site.")
    return found
