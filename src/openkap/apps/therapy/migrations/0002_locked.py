"""A signed note and its addenda are added to, never changed."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION therapy_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a signed note is only added to: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER therapy_note_no_change BEFORE UPDATE OR DELETE ON therapy_integrationnote
    FOR EACH ROW EXECUTE FUNCTION therapy_refuse_change();
CREATE TRIGGER therapy_addendum_no_change BEFORE UPDATE OR DELETE ON therapy_addendum
    FOR EACH ROW EXECUTE FUNCTION therapy_refuse_change();
"""
ALLOW = """
DROP TRIGGER therapy_note_no_change ON therapy_integrationnote;
DROP TRIGGER therapy_addendum_no_change ON therapy_addendum;
DROP FUNCTION therapy_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("therapy", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
