"""Says whether the models have changed without a migration, from the files alone: no database is asked."""

import os
import sys

import django
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


def missing() -> list[str]:
    """What the migrations lack, in words: changes of models, and apps with two newest migrations."""
    loader = MigrationLoader(None)
    branched = [
        f"{app}: two migrations are the newest, {' and '.join(names)}"
        for app, names in sorted(loader.detect_conflicts().items())
    ]
    wanted = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    changes = wanted.changes(graph=loader.graph)
    return branched + [
        f"{app}: {operation.describe()}"
        for app, migrations in sorted(changes.items())
        for migration in migrations
        for operation in migration.operations
    ]


def main() -> int:
    """Prints what is missing; 1 when anything is."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openkap.config.settings")
    django.setup()
    found = missing()
    for line in found:
        print(line)
    if found:
        print("Run 'make migrations' and commit what it writes.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
