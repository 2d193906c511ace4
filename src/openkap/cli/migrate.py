"""`openkap migrate`: bring the database to the present form."""

import argparse
import json

from openkap.cli.database import django_on
from openkap.config.addresses import database
from openkap.config.home import home_directory


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Apply what is pending, as the login that owns the tables (OPENKAP_MIGRATE_URL)."""
    with database(home_directory()) as addresses, django_on(addresses.owner):
        from openkap.config.migrating import migrate  # noqa: PLC0415 (Django must be set up first)

        done = migrate(owner=addresses.owner, app=addresses.app)
    if options.json:
        print(json.dumps({"applied": done.applied}))
    else:
        print("\n".join(done.applied) or "The database is up to date.")
    return 0
