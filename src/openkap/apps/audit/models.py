"""The audit trail: who did or saw what, about whom. Append-only; ids and codes, never clinical text."""

from typing import ClassVar

from django.db import models


class CurrentTransaction(models.Func):
    """PostgreSQL's id of the running transaction, as a bigint."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class Row(models.Model):
    """One act. Inserted in the transaction of the act itself; never changed, never deleted.

    No foreign keys: the trail outlives what it speaks of.
    """

    class ActorKind(models.TextChoices):
        USER = "user"
        SYSTEM = "system"

    id = models.BigAutoField(primary_key=True)
    occurred_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8, choices=ActorKind.choices)
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True)
    patient_id = models.UUIDField(null=True)
    site_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)
    # Lets the sealer see which transactions may still be writing earlier rows (docs/adr).
    transaction_id = models.BigIntegerField(editable=False, db_default=CurrentTransaction())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient_id", "-id"], name="audit_row_patient"),
            models.Index(fields=["actor_id", "-id"], name="audit_row_actor"),
            models.Index(fields=["action", "-id"], name="audit_row_action"),
            models.Index(fields=["occurred_at"], name="audit_row_occurred"),
            models.Index(fields=["transaction_id", "id"], name="audit_row_transaction"),
        ]


class Seal(models.Model):
    """One link of the chain: a row, hashed together with the link before it. Never changed, never deleted."""

    position = models.BigIntegerField(primary_key=True)  # 1, 2, 3, ... without a gap
    row = models.OneToOneField(Row, on_delete=models.PROTECT, related_name="seal")
    previous_digest = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()
