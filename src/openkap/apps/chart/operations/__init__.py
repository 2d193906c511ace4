"""The only writes to the chart."""

from openkap.apps.chart.operations.importing import ImportResult, import_bundle

__all__ = ["ImportResult", "import_bundle"]
