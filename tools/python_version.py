"""Says clearly when this Python is too old. Kept in words that every Python 3 understands."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (that is what this is for)
    found = ".".join(map(str, sys.version_info[:2]))
    sys.exit("OpenKAP needs Python 3.11 or later, not " + found + ". Name a newer one: make run PYTHON=...")
