"""Who decides on knowledge."""

from django.utils.translation import gettext as _

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.sites.models import Site
from openkap.apps.sites.queries import all_sites
from openkap.errors import Refused


def check_signs(by: User, site: Site | None) -> None:
    """Whether `by` is medical director of the site, or of every site when `site` is None."""
    directs = access.sites_where(by, Permission.KNOWLEDGE_SIGN)
    wanted = {site.pk} if site else set(all_sites().values_list("pk", flat=True))
    if not wanted <= directs:
        raise Refused(
            _("Only the medical director of the site decides what is known there.")
            if site
            else _("A decision for all sites takes the medical director of all of them.")
        )
