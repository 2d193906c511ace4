"""From an entry in one client to its sight in another: `python -m benchmarks.live_path [--sessions 20]`.

A real `openkap serve` on a database of its own; per session one client that enters readings and one that
watches the stream. Measured from just before the request is sent to the moment the other client has read the
state that holds the entry. Fails when the 99th percentile is a second or more, or when an entry is missing.
"""

import argparse
import json
import os
import secrets
import sys
from importlib import import_module

import django

TARGET_P99_MS = 1000


def main() -> int:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description="From an entry in one client to its sight in another.")
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--entries", type=int, default=12, help="per session")
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two entries of one session")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openkap.config.settings")
    os.environ.setdefault("OPENKAP_SECRET_KEY", secrets.token_urlsafe(48))
    django.setup()
    found = import_module("benchmarks.live_path.measurement").measure(options)
    print(json.dumps(found, indent=1))
    return 0 if found["missing"] == 0 and found["p99_ms"] < TARGET_P99_MS else 1


if __name__ == "__main__":
    sys.exit(main())
