"""How the app names its things in the audit trail."""

from openkap.apps.access.models import User
from openkap.apps.audit.operations import Subject


def user_subject(user: User, site_id: int | None = None) -> Subject:
    return Subject("user", user.public_id, site_id=site_id)
