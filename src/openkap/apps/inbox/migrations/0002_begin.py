"""What came in before this list was there is not held against anybody: it is not listed as not looked at."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone


def begin_where_patients_are(apps: Apps, schema: BaseDatabaseSchemaEditor) -> None:
    """Where there are patients already it begins when the list came; a new installation has no beginning."""
    if not apps.get_model("people", "Patient").objects.exists():
        return
    ran = MigrationRecorder(schema.connection).applied_migrations().get(("inbox", "0001_initial"))
    apps.get_model("inbox", "Beginning").objects.create(at=ran.applied if ran else timezone.now())


class Migration(migrations.Migration):
    dependencies = [("inbox", "0001_initial"), ("people", "0002_record_numbers")]

    operations = [
        migrations.CreateModel(
            name="Beginning",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(begin_where_patients_are, migrations.RunPython.noop),
    ]
