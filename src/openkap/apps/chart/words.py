"""The statuses of a chart in words; each has an icon's state of `{% pill %}` with it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openkap.apps.chart.entries import ENTRIES
from openkap.apps.chart.forms import in_language
from openkap.apps.chart.models import Allergy, Condition, MedicationUse, Observation
from openkap.apps.chart.queries import shown
from openkap.knowledge.schema.chart_entry import ChartEntry
from openkap.units.partial_dates import PartialDate, Precision

CLINICAL: dict[str, str | Promise] = {
    "active": _("active"),
    "recurrence": _("active again"),
    "relapse": _("relapsed"),
    "inactive": _("inactive"),
    "remission": _("in remission"),
    "resolved": _("resolved"),
    "": _("status not given"),
}
VERIFICATION: dict[str, str | Promise] = {
    "unconfirmed": _("unconfirmed"),
    "provisional": _("provisional"),
    "differential": _("one of several possible"),
    "refuted": _("ruled out"),
}
MEDICATION: dict[str, str | Promise] = {
    "active": _("active"),
    "on-hold": _("on hold"),
    "cancelled": _("cancelled"),
    "completed": _("completed"),
    "stopped": _("stopped"),
    "intended": _("intended"),
    "not-taken": _("not taken"),
    "unknown": _("not known"),
}
FORMATS = {Precision.YEAR: "Y", Precision.MONTH: "YEAR_MONTH_FORMAT"}
UNITS = {"mm[Hg]": "mmHg", "{1.73_m2}": "1.73 m²", "m2": "m²", "10*": "10^", "Cel": "°C"}
ANNOTATION = re.compile(r"\{[^}]*\}")
GOING_ON = frozenset({"active", "recurrence", "relapse"})
OVER = frozenset({"inactive", "remission", "resolved"})
STILL_TAKEN = frozenset({"active", "on-hold", "intended", "unknown"})


@dataclass(frozen=True)
class Line:
    """One fact of the record with its status as a person reads it."""

    row: Condition | MedicationUse | Allergy
    state: str  # of `{% pill %}`
    word: str
    is_over: bool


def condition_line(row: Condition | Allergy) -> Line:
    """A problem or allergy; what is doubted or has no status is not known, and not over."""
    words = [str(CLINICAL[row.clinical_status])]
    if doubt := VERIFICATION.get(row.verification_status):
        words.append(str(doubt))
    is_over = row.clinical_status in OVER or row.verification_status == "refuted"
    certain = row.clinical_status in GOING_ON and not doubt
    return Line(row, "ok" if is_over else "info" if certain else "unknown", ", ".join(words), is_over)


def medication_line(row: MedicationUse) -> Line:
    """A medicine."""
    taken = row.status in STILL_TAKEN
    state = "info" if row.status in {"active", "on-hold"} else "unknown" if taken else "ok"
    return Line(row, state, str(MEDICATION.get(row.status, MEDICATION["unknown"])), not taken)


@dataclass(frozen=True)
class ValueLine:
    """One value of the record; a blood pressure is one line of two numbers."""

    row: Observation
    text: str
    number: str

    @property
    def unit(self) -> str:
        """Its unit as it is written on paper."""
        return unit_as_written(self.row.unit)


def value_lines(rows: Iterable[Observation]) -> list[ValueLine]:
    """The values in their order, the two pressures of one reading joined."""
    upper, lower = (ENTRIES[f"blood-pressure-{part}"].loinc for part in ("systolic", "diastolic"))
    listed = list(rows)
    systolic = {row.panel_id: row for row in listed if row.panel_id and row.code == upper}
    diastolic = {row.panel_id for row in listed if row.panel_id and row.code == lower}
    lines = []
    for row in listed:
        if row.code == lower and row.panel_id in systolic:
            first = systolic[row.panel_id]
            both = f"{shown(first.value)}/{shown(row.value)}"
            lines.append(ValueLine(row, row.panel_text, both))
        elif not (row.code == upper and row.panel_id in diastolic):
            lines.append(ValueLine(row, _named(row), shown(row.value)))
    return lines


def _named(row: Observation) -> str:
    """What a clinic calls it, where it enters the same itself; else as its source says."""
    return next((in_language(entry.title) for entry in ENTRIES.values() if _is_of(entry, row)), row.text)


def _is_of(entry: ChartEntry, row: Observation) -> bool:
    return row.code == entry.loinc if entry.loinc else (row.code, row.text) == ("", entry.display)


def date_as_recorded(day: PartialDate) -> str:
    """A year, a month or a day, as far as it was said: '2024', 'May 2024', '14 May 2024'."""
    return date_format(day.first, FORMATS.get(day.precision, "DATE_FORMAT"))


def unit_as_written(unit: str) -> str:
    """A UCUM unit for reading: 'mmHg' for 'mm[Hg]', 'kg/m²' for 'kg/m2'; what only annotates is left out."""
    for code, written in UNITS.items():
        unit = unit.replace(code, written)
    return ANNOTATION.sub("", unit)
