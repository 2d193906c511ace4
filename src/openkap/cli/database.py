"""How a command that works on the database gets it, with Django set up."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from openkap.adapters.postgres.errors import ServerTrouble
from openkap.config.addresses import database
from openkap.config.home import home_directory
from openkap.config.keys import key
from openkap.errors import NotAllowedNow


@contextmanager
def connected() -> Iterator[None]:
    """The installation's database, up to date, with Django set up: what most commands are run in.

    Starts the embedded server for the time of the command when `openkap serve` is not running. Raises
    `NotAllowedNow` when migrations are missing.
    """
    with database(home_directory()) as addresses, django_on(addresses.app):
        if missing := _pending():
            raise NotAllowedNow(f"The database lacks {len(missing)} migrations. Run `openkap migrate` first.")
        yield


def _pending() -> list[str]:
    from django.db import OperationalError  # noqa: PLC0415 (Django must be set up first)

    from openkap.config.migrating import pending  # noqa: PLC0415

    try:
        return pending()
    except OperationalError as error:
        raise ServerTrouble(f"The database cannot be reached. {error}".rstrip()) from error


@contextmanager
def django_on(address: str) -> Iterator[None]:
    """Django set up and connected to the database at `address`; in a process that has it set up, as it is."""
    import django  # noqa: PLC0415 (slow to load, and not every command needs it)
    from django.apps import apps  # noqa: PLC0415

    if not apps.ready:
        os.environ["OPENKAP_DATABASE_URL"] = address
        os.environ.setdefault("OPENKAP_SECRET_KEY", key(home_directory(), "secret-key"))
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openkap.config.settings")
        django.setup()
        from django.db import connections  # noqa: PLC0415

        try:
            yield
        finally:
            connections.close_all()
    else:
        yield
