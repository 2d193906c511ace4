"""The stream of a session is only added to."""

from typing import ClassVar

from django.db import migrations

REFUSE = """
CREATE FUNCTION dosing_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the events of a session are only added to: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER dosing_event_no_change BEFORE UPDATE OR DELETE ON dosing_event
    FOR EACH STATEMENT EXECUTE FUNCTION dosing_refuse_change();
CREATE TRIGGER dosing_event_no_truncate BEFORE TRUNCATE ON dosing_event
    FOR EACH STATEMENT EXECUTE FUNCTION dosing_refuse_change();
"""
ALLOW = """
DROP TRIGGER dosing_event_no_change ON dosing_event;
DROP TRIGGER dosing_event_no_truncate ON dosing_event;
DROP FUNCTION dosing_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("dosing", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(REFUSE, ALLOW)]
