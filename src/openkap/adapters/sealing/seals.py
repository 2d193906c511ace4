"""Sealing text so that only its row, its purpose and the right key open it: AES-256-GCM."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from openkap.errors import OpenkapError

FORMAT: Final = b"\x01"
NONCE_BYTES: Final = 12  # the 96 bits GCM is made for; random, a key seals far fewer than 2**32 notes
KEY_BYTES: Final = 32


class SealBroken(OpenkapError):
    """A sealed text cannot be opened: its key is missing, or it is not the text that was sealed in this row."""

    code: ClassVar[str] = "sealed"
    http_status: ClassVar[int] = 409


@dataclass(frozen=True, repr=False)
class Keyring:
    """Master keys by id; `current` seals, all open. Never shown, never logged."""

    keys: Mapping[str, bytes]
    current: str

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise SealBroken("The key that seals is not in the ring.")
        if any(len(key) != KEY_BYTES for key in self.keys.values()):
            raise SealBroken("A key that seals has 32 bytes.")


@dataclass(frozen=True)
class Sealed:
    """A sealed text and the id of the key that opens it."""

    key_id: str
    body: bytes


def seal(text: str, ring: Keyring, *, purpose: str, bound_to: str) -> Sealed:
    """Seal `text` under the ring's current key, for one `purpose`, bound to one place (table, column, row)."""
    nonce = os.urandom(NONCE_BYTES)
    cipher = AESGCM(_key(ring.keys[ring.current], purpose))
    closed = cipher.encrypt(nonce, text.encode(), _bound(ring.current, bound_to))
    return Sealed(ring.current, FORMAT + nonce + closed)


def unseal(sealed: Sealed, ring: Keyring, *, purpose: str, bound_to: str) -> str:
    """The text. Raises `SealBroken`; never returns anything that was not sealed for this place."""
    key = ring.keys.get(sealed.key_id)
    if key is None:
        raise SealBroken("The key of this note is missing on this machine. Restore it from the key backup.")
    form, nonce = sealed.body[:1], sealed.body[1 : 1 + NONCE_BYTES]
    if form != FORMAT or len(nonce) != NONCE_BYTES:
        raise SealBroken("This note is damaged and cannot be opened.")
    try:
        opened = AESGCM(_key(key, purpose)).decrypt(
            nonce, sealed.body[1 + NONCE_BYTES :], _bound(sealed.key_id, bound_to)
        )
    except InvalidTag:
        raise SealBroken("This note was changed after it was sealed, or belongs elsewhere.") from None
    return opened.decode()


def _key(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(master)


def _bound(key_id: str, bound_to: str) -> bytes:
    return f"{key_id}|{bound_to}".encode()
