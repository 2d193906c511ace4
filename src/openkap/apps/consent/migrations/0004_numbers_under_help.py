"""The crisis line and the clinic's telephone of consent texts move to 'Help now'; what is no number stays."""

import re
from typing import Any

from django.db import migrations

NUMBER = re.compile(r"[+(]?[0-9][0-9() ./-]*[0-9]")
MOVED = {"crisis_line": ("crisis", "Crisis line"), "clinic_phone": ("clinic", "The clinic")}
MOST_LINES, LONGEST_NUMBER, LONGEST_HOURS = 6, 30, 80


def move_numbers(apps: Any, _editor: Any) -> None:
    """Newest words of each site. A line with the same number is marked; without one a line is added.

    Words with no number or several are left: they stand in the texts until somebody enters one.
    """
    words_of, help_of = apps.get_model("consent", "SiteWords"), apps.get_model("portal", "SiteHelp")
    newest = words_of.objects.order_by("site_id", "-version").distinct("site_id")
    for words in newest.iterator():
        defaults = {"changed_at": words.written_at, "changed_by_id": words.written_by_id}
        found, _new = help_of.objects.get_or_create(site_id=words.site_id, defaults=defaults)
        lines = [dict(line) for line in found.lines]
        for blank, (whose, label) in MOVED.items():
            said = words.words.get(blank, {})
            _move(lines, str(said.get("en") or said.get("es") or "").strip(), whose, label)
        if lines != found.lines:
            found.lines = lines
            found.save(update_fields=["lines"])


def _move(lines: list[dict[str, str]], said: str, whose: str, label: str) -> None:
    numbers = NUMBER.findall(said)
    if len(numbers) != 1 or any(line.get("whose") == whose for line in lines):
        return
    number = numbers[0]
    same = [line for line in lines if _digits(line["number"]) == _digits(number) and not line.get("whose")]
    if same:
        same[0]["whose"] = whose
    elif len(lines) < MOST_LINES and len(number) <= LONGEST_NUMBER:
        rest = " ".join(said.replace(number, " ").split()).strip(" ,.;:")
        line = {"label": label, "number": number, "how": "call", "hours": rest[:LONGEST_HOURS], "whose": whose}
        lines.append(line)


def _digits(number: str) -> str:
    return "".join(letter for letter in number if letter.isdigit())


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_one_emergency_number"), ("portal", "0001_initial")]
    operations = [migrations.RunPython(move_numbers, migrations.RunPython.noop)]
