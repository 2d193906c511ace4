"""What a signature is bound to: the exact text, by its digest. Pure; one changed character changes it."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FORMAT = 1  # of the canonical form; a change of it is a new number


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one way to write a document: sorted keys, no spaces, UTF-8, composed characters (NFC)."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return unicodedata.normalize("NFC", text).encode()


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text: language, record versions and every word."""
    return hashlib.sha256(canonical(document)).hexdigest()


def seal_of(
    *,
    text_digest: str,
    consent_id: object,
    patient_id: object,
    party: str,
    printed_name: str,
    meaning: str,
    signed_at: datetime,
    method: str,
    user_id: object,
    witness_id: object,
    drawn: str,
    note: str,
) -> str:
    """SHA-256 over everything a signature says, so that none of it can be changed or moved unnoticed."""
    return digest_of(
        {
            "format": FORMAT,
            "text": text_digest,
            "consent": str(consent_id),
            "patient": str(patient_id),
            "party": party,
            "printed_name": printed_name,
            "meaning": meaning,
            "signed_at": signed_at.astimezone(UTC).isoformat(),
            "method": method,
            "user": str(user_id),
            "witness": str(witness_id or ""),
            "drawn": drawn,
            "note": note,
        }
    )
