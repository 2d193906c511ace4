"""What the console's script calls: entries in, state and stream out."""

from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.dosing import operations, queries
from openkap.apps.dosing.entries import read_batch
from openkap.apps.dosing.errors import BadEntry
from openkap.apps.dosing.forecasting import forecast_of
from openkap.apps.dosing.models import Session
from openkap.apps.dosing.ordering import order_of
from openkap.apps.dosing.snapshots import snapshot_of
from openkap.apps.dosing.stream import Viewer, messages
from openkap.apps.dosing.views.reading import note_read, viewer_of

UNREADABLE = 422


@requires(Permission.DOSING_RECORD, about_patient=True)
@require_POST
def events(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Store entries. Each answer says what became of it; sending them again gives the same answers."""
    try:
        entries = read_batch(request.body)
    except BadEntry as error:
        return JsonResponse({"code": error.code, "message": str(error)}, status=UNREADABLE)
    outcomes = operations.record_events(
        by=viewer_of(request), now=timezone.now(), session_id=session_id, entries=entries
    )
    results = [
        {"client_id": str(o.client_id), "seq": o.seq, "status": o.status, "reason": o.words()} for o in outcomes
    ]
    return JsonResponse({"results": results})


@requires(Permission.DOSING_READ, about_patient=True, counts_as_activity=False)
@require_GET
def state(request: HttpRequest, session_id: UUID) -> HttpResponse:
    session = queries.session_for(viewer_of(request), session_id)
    return JsonResponse(snapshot_of(session, timezone.now()).json)


@requires(Permission.DOSING_READ, about_patient=True, counts_as_activity=False)
@require_GET
def forecast(request: HttpRequest, session_id: UUID) -> HttpResponse:
    session = queries.session_for(viewer_of(request), session_id)
    found = forecast_of(session, snapshot_of(session, timezone.now()).state, order_of(session))
    return JsonResponse(vars(found))


@requires(Permission.DOSING_READ, about_patient=True, counts_as_activity=False)
@require_GET
async def stream(request: HttpRequest, session_id: UUID) -> HttpResponseBase:
    """The live stream. It neither extends nor outlives the sign-in."""
    viewer, session = await sync_to_async(_watch)(request, session_id)
    watcher = Viewer(viewer, request.session.session_key, get_language() or "en")
    response = StreamingHttpResponse(
        messages(watcher, session.public_id, session.site_id), content_type="text/event-stream"
    )
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _watch(request: HttpRequest, session_id: UUID) -> tuple[User, Session]:
    viewer = viewer_of(request)
    session = queries.session_for(viewer, session_id)
    with transaction.atomic():
        note_read(viewer, timezone.now(), session.patient, session)
    return viewer, session
