"""What the console's script needs to begin: who, where to, the present state, and all its words."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.dosing.models import Session
from openkap.apps.dosing.snapshots import snapshot_of
from openkap.apps.dosing.stream import neighbours_of
from openkap.apps.dosing.words import console_words
from openkap.apps.people.queries import patients_for


def console_config(viewer: User, session: Session, now: datetime) -> dict[str, Any]:
    """The JSON in the console's page."""
    here = session.public_id
    return {
        "session": str(here),
        "author": str(viewer.public_id),
        "author_name": str(viewer),
        "patient": f"{session.patient.given_name} {session.patient.family_name}".strip(),
        "chair": session.chair,
        "may_record": _may(viewer, session, Permission.DOSING_RECORD),
        "may_decide": _may(viewer, session, Permission.DOSING_ORDER),
        "urls": {
            name: reverse(f"dosing:{name}", args=[here])
            for name in ("events", "stream", "state", "forecast", "report")
        },
        "state": snapshot_of(session, now).json,
        "neighbours": neighbours_of(viewer, session.site_id),
        "words": console_words(),
        "icons": {},
    }


def _may(viewer: User, session: Session, permission: Permission) -> bool:
    return patients_for(viewer, permission).filter(pk=session.patient_id).exists()
