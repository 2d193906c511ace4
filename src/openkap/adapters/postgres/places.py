"""Where one installation keeps its database: data, socket, lock and log."""

import hashlib
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from openkap.adapters.children import Account
from openkap.adapters.postgres import binaries
from openkap.adapters.postgres.account import account_for_server
from openkap.adapters.postgres.errors import ServerTrouble

FOR_ROOT = Path("/var/lib/openkap")
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107  # bytes; sun_path of <sys/un.h> without its closing zero


@dataclass(frozen=True)
class Places:
    """All that the server needs to know of where things are, and whom it runs as."""

    programs: Path
    data: Path
    sockets: Path
    lock: Path
    log: Path
    account: Account | None


def places_in(home: Path) -> Places:
    """Places of the installation in `home`, made where they are missing. Raises `ServerTrouble`.

    As root, data and programs are kept below /var/lib/openkap, where PostgreSQL's account can reach them
    whatever the home's own mode is; `home/postgres` then leads there.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = account_for_server()
    own = home / "postgres"
    if account is None:
        own.mkdir(mode=0o700, exist_ok=True)
        programs = binaries.packaged()
    else:
        own = _lent_to(account, own)
        programs = binaries.copied_to(_made_by_root(FOR_ROOT / "programs"))
    sockets = _socket_folder(own, account)
    return Places(programs, own / "data", sockets, home / "postgres.lock", own / "server.log", account)


def remove(home: Path) -> None:
    """Delete the database of `home` for good. Its server must be stopped."""
    own = home / "postgres"
    if own.exists():
        for folder in {own.resolve(), _short_socket_folder(own.resolve())}:
            shutil.rmtree(folder, ignore_errors=True)
    own.unlink() if own.is_symlink() else shutil.rmtree(own, ignore_errors=True)


def _made_by_root(folder: Path) -> Path:
    # Made step by step: only what is new gets a mode, what exists keeps its own.
    for step in (FOR_ROOT, folder):
        if not step.exists():
            step.mkdir()
            step.chmod(0o755)
    return folder


def _lent_to(account: Account, own: Path) -> Path:
    if own.is_symlink():
        kept = own.resolve()
        if not kept.is_dir():
            raise ServerTrouble(
                f"{own} leads to {kept}, which is gone. Restore it from a backup, or remove the link."
            )
        return kept
    if own.exists():
        raise ServerTrouble(
            f"{own} belongs to a server that did not run as root. Start OpenKAP as the user it belongs to."
        )
    # A fresh name, not one derived from the home: a home that was deleted and made anew starts empty.
    kept = _made_by_root(FOR_ROOT / "homes") / secrets.token_hex(8)
    _private(kept, account)
    try:
        own.symlink_to(kept)
    except FileExistsError:  # another process was faster
        kept.rmdir()
    return own.resolve()


def _private(folder: Path, account: Account | None) -> None:
    folder.mkdir(mode=0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def _socket_folder(own: Path, account: Account | None) -> Path:
    folder = own / "run"
    if len(os.fsencode(folder / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
        folder = _short_socket_folder(own)
    if not folder.exists():
        _private(folder, account)
    found = folder.lstat()
    owner = account.uid if account else os.geteuid()
    if found.st_uid != owner or found.st_mode & 0o077:
        raise ServerTrouble(f"{folder} is open to other users of this machine. Remove it, then start again.")
    return folder


def _short_socket_folder(own: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(own)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"openkap-{digest}"
    if len(os.fsencode(short / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
        short = Path("/tmp") / short.name  # noqa: S108 (the folder is 0700 and its owner is checked)
    return short
