"""The sequence that record numbers come from."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="CREATE SEQUENCE people_record_number AS bigint START 1 NO CYCLE",
            reverse_sql="DROP SEQUENCE people_record_number",
        )
    ]
