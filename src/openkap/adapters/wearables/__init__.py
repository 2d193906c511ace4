"""Files that telephones and watches export, read for steps and sleep and for nothing else."""

from openkap.adapters.wearables.reading import LARGEST, Form, Read, read_export
from openkap.adapters.wearables.tables import Columns, DayOrder, SleepUnit, Table, guess, tabulate

__all__ = [
    "LARGEST",
    "Columns",
    "DayOrder",
    "Form",
    "Read",
    "SleepUnit",
    "Table",
    "guess",
    "read_export",
    "tabulate",
]
