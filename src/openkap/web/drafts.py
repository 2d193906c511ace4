"""Drafts: saved as they are typed, given back on return, gone when sent or after seven days.

They are not audited: a draft is no part of a record, and nobody but its author can read it.
"""

import json
from datetime import datetime, timedelta

from django.db import transaction

from openkap.apps.access.models import User
from openkap.errors import BadInput
from openkap.web.models import Draft
from openkap.web.plain_text import is_plain

KEPT_FOR = timedelta(days=7)
LARGEST = 64 * 1024  # bytes of JSON: a long note fits ten times over
NAME_LENGTH = 120

Fields = dict[str, list[str]]


def parse_fields(body: bytes) -> Fields:
    """The fields in a request's body: an object of lists of strings. Raises `BadInput`."""
    if len(body) > LARGEST:
        raise BadInput("This is too long to keep as a draft. Send the form to save it.")
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise BadInput("The draft could not be read.") from error
    if not isinstance(fields, dict) or not all(_is_field(name, values) for name, values in fields.items()):
        raise BadInput("The draft could not be read.")
    return fields


def _is_field(name: str, values: object) -> bool:
    return (
        0 < len(name) <= NAME_LENGTH
        and isinstance(values, list)
        and all(isinstance(value, str) and is_plain(value) for value in [name, *values])
    )


@transaction.atomic
def save_draft(*, by: User, now: datetime, key: str, fields: Fields) -> Draft:
    """Keep `fields` under `key` for `by`, in place of what was kept; drafts past their time go."""
    Draft.objects.filter(saved_at__lt=now - KEPT_FOR).delete()
    draft, _ = Draft.objects.update_or_create(user=by, key=key, defaults={"fields": fields, "saved_at": now})
    return draft


def draft_of(user: User, key: str, now: datetime) -> Draft | None:
    """The draft that `user` left under `key`, unless it is older than seven days."""
    return Draft.objects.filter(user=user, key=key, saved_at__gte=now - KEPT_FOR).first()


def discard_draft(*, by: User, key: str) -> None:
    """Forget the draft: it was sent, or its author starts afresh."""
    Draft.objects.filter(user=by, key=key).delete()
