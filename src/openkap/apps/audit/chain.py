"""The arithmetic of the chain: what of a row is hashed, and how links follow each other."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

GENESIS = bytes(32)  # what stands before the first link


@dataclass(frozen=True)
class RowContent:
    """Everything a row of the trail says, as the chain hashes it."""

    id: int
    occurred_at: datetime
    actor_kind: str
    actor_id: UUID | None
    action: str
    subject_kind: str
    subject_id: UUID | None
    patient_id: UUID | None
    site_id: int | None
    details: Mapping[str, object]
    transaction_id: int

    def as_bytes(self) -> bytes:
        """One spelling for one content: JSON without spaces, keys sorted, the instant in UTC."""
        values = [
            self.id,
            self.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.actor_kind,
            _text(self.actor_id),
            self.action,
            self.subject_kind,
            _text(self.subject_id),
            _text(self.patient_id),
            self.site_id,
            self.details,
            self.transaction_id,
        ]
        return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def link(previous_digest: bytes, position: int, content: RowContent) -> bytes:
    """The digest of a link: SHA-256 over the link before, the place in the chain, and the row."""
    return hashlib.sha256(previous_digest + position.to_bytes(8, "big") + content.as_bytes()).digest()


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
