"""Which database to use: the one named in the environment, else the embedded one of OPENKAP_HOME."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from openkap.adapters.postgres import server
from openkap.config.keys import passwords

APP = "OPENKAP_DATABASE_URL"
OWNER = "OPENKAP_MIGRATE_URL"


@dataclass(frozen=True)
class DatabaseAddresses:
    """Connection strings: of the login that serves, and of the one that owns the tables."""

    app: str
    owner: str


def named() -> DatabaseAddresses | None:
    """The database named in the environment, if one is."""
    app = os.environ.get(APP)
    return DatabaseAddresses(app=app, owner=os.environ.get(OWNER) or app) if app else None


@contextmanager
def database(home: Path) -> Iterator[DatabaseAddresses]:
    """The database of the installation while the block runs; the embedded one is started if need be."""
    if found := named():
        yield found
        return
    with server.running(home, passwords(home)) as addresses:
        yield DatabaseAddresses(app=addresses.app, owner=addresses.owner)
