"""Where an installation keeps what is its own."""

import os
from pathlib import Path


def home_directory() -> Path:
    """Where data, keys and backups live: `OPENKAP_HOME`, else the user's data directory."""
    if named := os.environ.get("OPENKAP_HOME"):
        return Path(named).expanduser().resolve()
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "openkap"
