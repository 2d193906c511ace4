"""The emergency number of consent texts moves to 'Help now', where there is none yet; what is no number stays."""

import re
from typing import Any

from django.db import migrations

NUMBER = re.compile(r"[0-9+][0-9+() ./#*-]{0,19}")


def move_numbers(apps: Any, _editor: Any) -> None:
    """Newest words of each site first; a site that entered a number under 'Help now' keeps that one."""
    words_of, help_of = apps.get_model("consent", "SiteWords"), apps.get_model("portal", "SiteHelp")
    seen = set()
    for words in words_of.objects.order_by("site_id", "-version").iterator():
        if words.site_id in seen:
            continue
        seen.add(words.site_id)
        said = str(words.words.get("emergency_number", {}).get("en", "")).strip()
        if not NUMBER.fullmatch(said):
            continue
        defaults = {"changed_at": words.written_at, "changed_by_id": words.written_by_id}
        found, _new = help_of.objects.get_or_create(site_id=words.site_id, defaults=defaults)
        if not found.emergency_number:
            found.emergency_number = said
            found.save(update_fields=["emergency_number"])


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_texts_stay"), ("portal", "0001_initial")]
    operations = [migrations.RunPython(move_numbers, migrations.RunPython.noop)]
