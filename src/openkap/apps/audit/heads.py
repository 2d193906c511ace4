"""Heads of the chain kept outside the database: they find a tail that was cut off; the chain alone cannot.

One line of JSON per head, signed with a key from the installation's secret, in one file per month. Copy the
folder to another machine often (docs): whoever holds both the database and the folder holds all the proof.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)
KEPT_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Head:
    """The link at the end of the chain at some moment."""

    position: int
    digest: bytes


@dataclass(frozen=True)
class KeptHead:
    """A head as found in the folder; `genuine` if its signature is ours."""

    head: Head
    kept_at: datetime
    genuine: bool


def keep(folder: Path, head: Head, now: datetime) -> bool:
    """Write the head down unless one was written lately or it is the same. Returns whether it was written.

    A folder that cannot be written must not stop the sealing: it is logged, and `openkap audit verify` shows
    how old the newest head is.
    """
    try:
        newest = _newest(folder)
        if newest and (newest.head == head or timedelta() <= now - newest.kept_at < KEPT_EVERY):
            return False
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / f"heads-{now:%Y-%m}.jsonl").open("a", encoding="utf-8") as file:
            file.write(_line(head, now) + "\n")
    except OSError:
        log.exception("The head of the audit chain could not be kept.")
        return False
    return True


def read(folder: Path) -> Iterator[KeptHead]:
    """Every head in the folder, oldest first; a line that cannot be read counts as not genuine."""
    for path in sorted(folder.glob("heads-*.jsonl")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            yield _parse(line)


def _newest(folder: Path) -> KeptHead | None:
    newest = max(folder.glob("heads-*.jsonl"), default=None)
    if newest is None:
        return None
    lines = newest.read_text(encoding="utf-8", errors="replace").splitlines()
    return _parse(lines[-1]) if lines else None


def _line(head: Head, now: datetime) -> str:
    said = {"position": head.position, "digest": head.digest.hex(), "kept_at": now.isoformat()}
    return json.dumps({**said, "signature": _signature(said)})


def _parse(line: str) -> KeptHead:
    try:
        said = json.loads(line)
        signature = said.pop("signature")
        head = Head(int(said["position"]), bytes.fromhex(said["digest"]))
        kept_at = datetime.fromisoformat(said["kept_at"])
        genuine = hmac.compare_digest(signature, _signature(said))
    except (ValueError, KeyError, TypeError, AttributeError):
        return KeptHead(Head(0, b""), datetime.min, genuine=False)  # noqa: DTZ901 -- no time could be read
    return KeptHead(head, kept_at, genuine)


def _signature(said: dict[str, object]) -> str:
    key = hashlib.sha256(b"openkap audit heads" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, json.dumps(said, sort_keys=True).encode(), hashlib.sha256).hexdigest()
