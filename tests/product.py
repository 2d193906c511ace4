"""The product as journeys meet it: a real `openkap serve` on a database of its own, and Django on the same."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connections
from psycopg.conninfo import conninfo_to_dict

from tests.emptying import empty
from tests.serving import Serving, wait_until
from tests.template import as_server, clone, drop, template

HEADS = "audit-heads"


class Product:
    """What a journey works with. State is arranged in-process, through the operations, on the same database."""

    def __init__(self, server: str, name: str) -> None:
        self._server, self._name = server, name
        self.database = clone(server, template(server), name)
        self.home = Path(tempfile.mkdtemp(prefix="openkap-journeys-")) / "home"
        environment = {
            "OPENKAP_MIGRATE_URL": self.database,
            "OPENKAP_DATABASE_URL": as_server(self.database),
            "OPENKAP_SECRET_KEY": str(settings.SECRET_KEY),
        }
        self.serving = Serving(self.home, environment)

    def wait_until_well(self) -> "Product":
        """Wait until it serves pages and does due work."""
        self.serving.wait_until_ready()
        wait_until(self.serving.is_well, "health")
        return self

    @property
    def address(self) -> str:
        """Such as 'http://localhost:40123'; pages are `product.address + "/patients/"`."""
        return self.serving.address

    def forget(self) -> None:
        """Leave the database as it was at first."""
        with psycopg.connect(self.database) as owner:
            for wait in (0.1, 0.2, 0.3, 0.4, None):
                try:
                    empty(owner, first_numbers=True)
                    break
                except psycopg.errors.DeadlockDetected:
                    if wait is None:
                        raise
                    time.sleep(wait)
        shutil.rmtree(self.home / HEADS, ignore_errors=True)

    @contextmanager
    def in_process(self) -> Iterator[None]:
        """Let this process's Django work on the product's database."""
        # The browser's driver runs an event loop in this thread, which Django takes for an asynchronous caller.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        connection = connections["default"]
        before = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = conninfo_to_dict(self.database)["dbname"]
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]

    def stop(self) -> None:
        """End it and drop its database."""
        if self.serving.process.poll() is None:
            self.serving.end()
        drop(self._server, self._name)
        shutil.rmtree(self.home.parent, ignore_errors=True)
