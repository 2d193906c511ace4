"""Triggers that refuse to change an offered text, and to change or remove what was signed."""

from typing import ClassVar

from django.db import migrations

REFUSE = """
CREATE FUNCTION consent_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was offered or signed is not changed: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER consent_text_stays
    BEFORE UPDATE OF document, text_digest, records, site_words, language, drug, route, patient_id, site_id,
        episode_id, recorded_at, recorded_by_id ON consent_consent
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER consent_is_kept BEFORE DELETE ON consent_consent
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER consent_signature_stays BEFORE UPDATE OR DELETE ON consent_signature
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER consent_withdrawal_stays BEFORE UPDATE OR DELETE ON consent_withdrawal
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER consent_teach_back_stays BEFORE UPDATE OR DELETE ON consent_teachback
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER consent_read_stays BEFORE UPDATE OR DELETE ON consent_acknowledgement
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER consent_site_words_stay BEFORE UPDATE OR DELETE ON consent_sitewords
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
"""
ALLOW = """
DROP TRIGGER consent_text_stays ON consent_consent;
DROP TRIGGER consent_is_kept ON consent_consent;
DROP TRIGGER consent_signature_stays ON consent_signature;
DROP TRIGGER consent_withdrawal_stays ON consent_withdrawal;
DROP TRIGGER consent_teach_back_stays ON consent_teachback;
DROP TRIGGER consent_read_stays ON consent_acknowledgement;
DROP TRIGGER consent_site_words_stay ON consent_sitewords;
DROP FUNCTION consent_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("consent", "0001_initial")]

    operations: ClassVar = [migrations.RunSQL(REFUSE, ALLOW)]
