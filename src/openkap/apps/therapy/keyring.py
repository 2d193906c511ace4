"""The keys of the process notes: in the environment or in OPENKAP_HOME/keys, never in the database.

`OPENKAP_NOTES_KEY` or the file `keys/process-notes` hold one or more 'id:key' (the key as base64url of 32
bytes), separated by commas or lines; the first seals, all open. To rotate, put a new one first. Without its
key a note stays closed: there is no other way in.
"""

import base64
import binascii
import os
import secrets
from pathlib import Path

from django.conf import settings

from openkap.apps.therapy.sealing import KEY_BYTES, Keyring, SealBroken

ENVIRONMENT = "OPENKAP_NOTES_KEY"
FILE = "process-notes"


def keyring(*, may_make: bool) -> Keyring:
    """The keys there are. `may_make`: none has been needed yet, so a first one may be made.

    Raises `SealBroken` where keys are missing or cannot be read.
    """
    written = os.environ.get(ENVIRONMENT) or _from_file(may_make=may_make)
    return _parsed(written)


def _from_file(*, may_make: bool) -> str:
    path = Path(settings.HOME) / "keys" / FILE
    if not path.exists():
        if not may_make:
            raise SealBroken("The keys of the process notes are missing on this machine. Restore them first.")
        _write_once(path, f"k1:{base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n")
    return path.read_text(encoding="ascii")


def _parsed(written: str) -> Keyring:
    keys: dict[str, bytes] = {}
    for line in written.replace(",", "\n").split():
        key_id, separator, text = line.partition(":")
        try:
            key = base64.b64decode(text, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not separator or not key_id or len(key) != KEY_BYTES or key_id in keys:
            raise SealBroken("The keys of the process notes cannot be read. Nothing was opened or sealed.")
        keys[key_id] = key
    if not keys:
        raise SealBroken("There is no key for process notes. Nothing was opened or sealed.")
    return Keyring(keys, next(iter(keys)))


def _write_once(path: Path, text: str) -> None:
    """Whole or not there; the first of two writers wins; readable by the server's user only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    try:
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
