"""The keys of an installation: made once, kept in OPENKAP_HOME/keys where only its user can read them."""

import os
import secrets
from pathlib import Path

from openkap.adapters.postgres.roles import Passwords


def key(home: Path, name: str) -> str:
    """The key called `name` of the installation in `home`; made on first use."""
    folder = home / "keys"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return path.read_text().strip()


def passwords(home: Path) -> Passwords:
    """The passwords of the embedded database's logins."""
    return Passwords(
        admin=key(home, "database-admin"), owner=key(home, "database-owner"), app=key(home, "database-app")
    )


def _write_once(path: Path, text: str) -> None:
    # Whole or not there, and the first of two writers wins.
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    try:
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
