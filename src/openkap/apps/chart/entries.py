"""What staff may enter by hand, from the knowledge records."""

from typing import Final

from openkap.knowledge import read_kind
from openkap.knowledge.schema.chart_entry import ChartEntry

ENTRIES: Final[dict[str, ChartEntry]] = read_kind("chart_entries", ChartEntry)
