"""Sealing in tests."""

import time

from django.utils import timezone

from openkap.apps.audit.models import Row, Seal
from openkap.apps.audit.operations import seal_rows


def seal_all(seconds: float = 20) -> int:
    """Seal every row; how many. Other tests share the server, and their transactions hold the sealer back."""
    before, end = Seal.objects.count(), time.monotonic() + seconds
    while Seal.objects.count() < Row.objects.count():
        assert time.monotonic() < end, "rows were not sealed"
        if not seal_rows(now=timezone.now()):
            time.sleep(0.05)
    return Seal.objects.count() - before
