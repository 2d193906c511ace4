"""The account PostgreSQL runs under: it refuses to run as root, so root lends it one of its own."""

import os
import pwd
import shutil
import subprocess

from openkap.adapters.children import Account
from openkap.adapters.postgres.errors import ServerTrouble

CHOSEN_BY = "OPENKAP_POSTGRES_ACCOUNT"
OWN = "openkap"


def account_for_server() -> Account | None:
    """None for the present account; for root the account named by OPENKAP_POSTGRES_ACCOUNT, else `openkap`.

    The account `openkap` is made when it is missing. Raises `ServerTrouble` where that cannot be done.
    """
    if os.geteuid() != 0:
        return None
    name = os.environ.get(CHOSEN_BY) or OWN
    return _known(name) or _made(name)


def _known(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    if entry.pw_uid == 0:
        raise ServerTrouble(
            f"PostgreSQL refuses to run as root, and {CHOSEN_BY} names an account with root's id."
        )
    return Account(name, entry.pw_uid, entry.pw_gid)


def _made(name: str) -> Account:
    remedy = (
        "PostgreSQL refuses to run as root and needs an account of its own. Start OpenKAP as another user, "
        f"or name an existing account by {CHOSEN_BY}, or name a server by OPENKAP_DATABASE_URL."
    )
    useradd = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if name != OWN or useradd is None:
        raise ServerTrouble(f"There is no account '{name}' on this machine. {remedy}")
    words = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    done = subprocess.run(  # noqa: S603 (a fixed command)
        [*words, "--shell", "/usr/sbin/nologin", name], capture_output=True, text=True, check=False
    )
    made = _known(name)  # another process may have made it meanwhile
    if made is None:
        raise ServerTrouble(f"The account '{name}' could not be made: {done.stderr.strip()}. {remedy}")
    return made
