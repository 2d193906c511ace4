"""`GET /health`: whether this installation is well, for supervisors and load balancers."""

from datetime import timedelta
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from procrastinate.contrib.django.models import ProcrastinateWorker

from openkap import __version__
from openkap.apps.access.policy import public

WORKER_SILENT_FOR = timedelta(seconds=15)  # several of its heartbeats


class _Pending(Exception):
    """Migrations are missing."""


@public
@never_cache
@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """200 when pages can be served and due work is done, else 503; says which part is not well, no secrets."""
    parts = _parts()
    well = parts == {"database": "ok", "migrations": "applied", "worker": "ok"}
    answer = {"status": "ok" if well else "unwell", "version": __version__, **parts}
    return JsonResponse(answer, status=200 if well else 503)


def _parts() -> dict[str, str]:
    try:
        return {"database": "ok", "migrations": _migrations(), "worker": _worker()}
    except DatabaseError:
        return {"database": "unreachable", "migrations": "unknown", "worker": "unknown"}


def _migrations() -> str:
    try:
        _all_applied()
    except _Pending:
        return "pending"
    return "applied"


@cache
def _all_applied() -> None:
    # Once applied they stay so as long as this process runs its present code; a failure is not remembered.
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _Pending


def _worker() -> str:
    if _migrations() == "pending":
        return "unknown"
    heard = timezone.now() - WORKER_SILENT_FOR
    return "ok" if ProcrastinateWorker.objects.filter(last_heartbeat__gt=heard).exists() else "silent"
