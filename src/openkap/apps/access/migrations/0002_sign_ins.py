"""Where people are signed in, and the table in which every web process counts attempts."""

import django.db.models.deletion
import openkap.apps.sites.rows
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="user", name="is_demonstration", field=models.BooleanField(default=False)
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(default=openkap.apps.sites.rows.new_id, editable=False, unique=True),
                ),
                ("began_at", models.DateTimeField()),
                ("last_active_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("address", models.GenericIPAddressField(null=True)),
                ("device", models.CharField(blank=True, max_length=300)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["user", "-began_at"], name="access_sign_in_user")]},
        ),
        # What `createcachetable` would make; unlogged, as a crash may forget attempts but must not slow them.
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE access_cache (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX access_cache_expires ON access_cache (expires);
            """,
            "DROP TABLE access_cache",
        ),
    ]
