"""Where the keys of sealed texts are: in the environment or in OPENKAP_HOME/keys, never in the database.

The variable or the file of a `Place` holds one or more 'id:key' (the key as base64url of 32 bytes), separated
by commas or lines; the first seals, all open. To rotate, put a new one first. Without its key a text stays
closed: there is no other way in. Each kind of text has keys of its own, so that one may be lost alone.
"""

import base64
import binascii
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from openkap.adapters.sealing.seals import KEY_BYTES, Keyring, SealBroken


@dataclass(frozen=True)
class Place:
    """Where the keys of one kind of text are, and what people call the texts."""

    environment: str
    file: str
    texts: str


PROCESS_NOTES = Place("OPENKAP_NOTES_KEY", "process-notes", "process notes")
JOURNAL = Place("OPENKAP_JOURNAL_KEY", "journal", "journals")


def keyring(place: Place = PROCESS_NOTES, *, may_make: bool) -> Keyring:
    """The keys there are. `may_make`: none has been needed yet, so a first one may be made.

    Raises `SealBroken` where keys are missing or cannot be read.
    """
    written = os.environ.get(place.environment) or _from_file(place, may_make=may_make)
    return _parsed(written, place)


def _from_file(place: Place, *, may_make: bool) -> str:
    path = Path(settings.HOME) / "keys" / place.file
    if not path.exists():
        if not may_make:
            raise SealBroken(
                "The keys of the %(texts)s are missing on this machine. Restore them first.", texts=place.texts
            )
        _write_once(path, f"k1:{base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n")
    return path.read_text(encoding="ascii")


def _parsed(written: str, place: Place) -> Keyring:
    keys: dict[str, bytes] = {}
    for line in written.replace(",", "\n").split():
        key_id, separator, text = line.partition(":")
        try:
            key = base64.b64decode(text, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not separator or not key_id or len(key) != KEY_BYTES or key_id in keys:
            raise SealBroken(
                "The keys of the %(texts)s cannot be read. Nothing was opened or sealed.", texts=place.texts
            )
        keys[key_id] = key
    if not keys:
        raise SealBroken("There is no key for %(texts)s. Nothing was opened or sealed.", texts=place.texts)
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
