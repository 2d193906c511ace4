"""A trail to tamper with."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def heads_folder(settings: Any, tmp_path: Path) -> Path:
    """Keep the heads of a test to itself."""
    settings.AUDIT_HEADS = tmp_path / "audit-heads"
    return tmp_path / "audit-heads"
