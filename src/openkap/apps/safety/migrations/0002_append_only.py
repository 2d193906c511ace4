"""Triggers that refuse to change or remove what was answered, found, decided and planned."""

from typing import ClassVar

from django.db import migrations

REFUSE = """
CREATE FUNCTION safety_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is known of suicide risk is only added to: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER safety_screen_stays
    BEFORE UPDATE OF said, level, opens, attention, answered_at, outcome_id, total, source_id, patient_id
    ON safety_screen FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.* AND OLD.alert_key = NEW.alert_key)
    EXECUTE FUNCTION safety_refuse_change();
CREATE TRIGGER safety_screen_is_kept BEFORE DELETE ON safety_screen
    FOR EACH ROW EXECUTE FUNCTION safety_refuse_change();
CREATE TRIGGER safety_result_stays BEFORE UPDATE OR DELETE ON safety_result
    FOR EACH ROW EXECUTE FUNCTION safety_refuse_change();
CREATE TRIGGER safety_opening_stays BEFORE UPDATE OR DELETE ON safety_opening
    FOR EACH ROW EXECUTE FUNCTION safety_refuse_change();
CREATE TRIGGER safety_decision_stays BEFORE UPDATE OR DELETE ON safety_decision
    FOR EACH ROW EXECUTE FUNCTION safety_refuse_change();
CREATE TRIGGER safety_plan_stays BEFORE UPDATE OR DELETE ON safety_plan
    FOR EACH ROW EXECUTE FUNCTION safety_refuse_change();
"""
ALLOW = """
DROP TRIGGER safety_screen_stays ON safety_screen;
DROP TRIGGER safety_screen_is_kept ON safety_screen;
DROP TRIGGER safety_result_stays ON safety_result;
DROP TRIGGER safety_opening_stays ON safety_opening;
DROP TRIGGER safety_decision_stays ON safety_decision;
DROP TRIGGER safety_plan_stays ON safety_plan;
DROP FUNCTION safety_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("safety", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(REFUSE, ALLOW)]
