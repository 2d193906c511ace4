"""Secret links that a message may carry.

The secret is worked out from the link's id and the installation's secret key, so it is in no row of the
database: whoever copies the database has no working link, and a message that is tried again carries the same
one. What opens a link compares digests.
"""

import base64
import hashlib
import hmac
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PLACE = "/link/{token}/"
LENGTH = 32  # characters of the secret: 192 bits


def token_of(link_id: UUID) -> str:
    """The secret of a link, as it stands in its address."""
    key = HKDF(SHA256(), 32, salt=None, info=b"openkap secret links").derive(settings.SECRET_KEY.encode())
    raw = hmac.new(key, link_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(raw).decode()[:LENGTH]


def digest_of(token: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def path_of(link_id: UUID) -> str:
    """The address of a link within this installation."""
    return PLACE.format(token=token_of(link_id))


def address_of(link_id: UUID) -> str:
    """The whole address of a link, for messages."""
    return f"{settings.PUBLIC_ADDRESS}{path_of(link_id)}"
