"""What is done before the first page: checks and migrations (`python -m openkap.config.preparing`).

A process of its own, so that the login that owns the tables is gone from memory when the pages are served.
"""

import os
import sys

import django


def main() -> int:
    """Prepare, or print on the error stream what is wrong and return 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openkap.config.settings")
    django.setup()
    from django.db import OperationalError  # noqa: PLC0415 (Django must be set up first)

    try:
        return _prepare()
    except OperationalError as error:
        print(f"openkap: The database cannot be reached. {error}".rstrip(), file=sys.stderr)
        return 1


def _prepare() -> int:
    from django.core.checks import ERROR, run_checks  # noqa: PLC0415 (Django must be set up first)

    from openkap.config.migrating import migrate  # noqa: PLC0415

    found = run_checks(include_deployment_checks=True, databases=["default"])
    one_login = os.environ["OPENKAP_APP_URL"] == os.environ["OPENKAP_DATABASE_URL"]
    ours = [message for message in found if message.level >= ERROR or str(message.id).startswith("openkap")]
    for message in ours:
        if message.id != "openkap.W001" or one_login:  # else preparing is the owner's work, serving is not
            print(f"{message.id}: {message.msg} {message.hint or ''}".rstrip(), file=sys.stderr)
    if any(message.level >= ERROR for message in ours):
        return 1
    done = migrate(owner=os.environ["OPENKAP_DATABASE_URL"], app=os.environ["OPENKAP_APP_URL"])
    if done.applied:
        print(f"Database: {len(done.applied)} migrations applied.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
