"""Expected errors for scripts. People get the page of `openkap.web.middleware`, which wraps this one."""

from django.http import HttpRequest, HttpResponse

from openkap.apps.access.middleware.base import Middleware, refusal, stream_over, wants_json, wants_stream
from openkap.errors import BadInput, NotAllowedNow, NotFound, OpenkapError, Refused

STATUS: dict[type[BaseException], int] = {BadInput: 400, Refused: 403, NotFound: 404, NotAllowedNow: 409}


class JsonErrorsMiddleware(Middleware):
    """Answers a script 400, 403, 404 or 409 with the error's stable code and words, a stream as streams do."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused | NotFound) and wants_stream(request):
            return stream_over("refused")
        if not isinstance(exception, OpenkapError) or not wants_json(request):
            return None
        status = next((STATUS[kind] for kind in type(exception).__mro__ if kind in STATUS), 400)
        return refusal(exception.code, str(exception), status=status, field=exception.field)
