"""The models and their migrations say the same; read from the files, without a database."""

from django.apps import apps
from django.db import models
from tools.migrations import missing


def test_no_model_has_changed_without_a_migration() -> None:
    assert missing() == []


def test_a_changed_model_is_named() -> None:
    seen = apps.get_model("inbox", "Seen")
    field = seen._meta.get_field("kind")
    assert isinstance(field, models.CharField)
    longer = field.max_length
    try:
        field.max_length = 99
        assert missing() == ["inbox: Alter field kind on seen"]
    finally:
        field.max_length = longer
