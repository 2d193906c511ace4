"""Entries as a page sends them: read strictly, before anything is stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from openkap.apps.dosing.errors import BadEntry
from openkap.core.monitoring.events import SCHEMA_VERSION, Kind

MOST_AT_ONCE = 200
MOST_CHARACTERS = 8_000  # of one payload


@dataclass(frozen=True)
class Entry:
    """One entry: what happened, when, under the page's own id."""

    client_id: UUID
    kind: Kind
    occurred_at: datetime
    payload: Mapping[str, Any]
    schema_version: int = SCHEMA_VERSION


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")
    client_id: UUID
    kind: Kind
    occurred_at: AwareDatetime
    payload: dict[str, Any]
    schema_version: int = Field(ge=1, le=SCHEMA_VERSION)


class _Batch(BaseModel):
    model_config = ConfigDict(extra="forbid")
    entries: list[_Sent] = Field(min_length=1, max_length=MOST_AT_ONCE)


def read_batch(body: bytes) -> list[Entry]:
    """The entries of a request. Raises `BadEntry`, naming the field at fault and never its value."""
    try:
        sent = _Batch.model_validate_json(body).entries
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "body"
        fault = {"place": place, "fault": first["msg"]}
        raise BadEntry(_("This is not an entry: %(place)s: %(fault)s") % fault) from error
    for entry in sent:
        if not _can_be_stored(entry.payload):
            raise BadEntry(_("This entry is too long, or has characters that cannot be stored."))
    return [Entry(s.client_id, s.kind, s.occurred_at, s.payload, s.schema_version) for s in sent]


def _can_be_stored(payload: Mapping[str, Any]) -> bool:
    """Whether the database takes it: of modest length, no NUL, and no number without end, as `1e999` is."""
    try:
        text = json.dumps(payload, allow_nan=False)
    except ValueError:
        return False
    return "\\u0000" not in text and len(text) <= MOST_CHARACTERS
