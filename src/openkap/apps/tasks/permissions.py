"""Who may answer for tasks and alerts."""

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.errors import Refused


def check_may_write(user: User, site_id: int) -> None:
    """The user holds TASK_WRITE at the site. Raises `Refused`."""
    if site_id not in access.sites_where(user, Permission.TASK_WRITE):
        raise Refused("Your role at this site does not include answering for tasks and alerts.")
