"""All questions on one page, loaded once: on a poor line the patient goes on, and the answers follow."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.measures import asking, fillings, operations
from openkap.apps.measures.concern import concern_in
from openkap.apps.measures.models import Filling
from openkap.apps.measures.views.filled import of_own_form
from openkap.apps.people.viewer import viewer_of
from openkap.core.psychometrics import asked_items, in_language
from openkap.errors import BadInput
from openkap.knowledge.schema.instrument import Instrument, Item

LARGEST = 32_768  # bytes of all answers of one form


@dataclass(frozen=True)
class Sent:
    """Answers as the page sends them, by field, and what it took each to be before."""

    fields: Mapping[str, str]
    held: Mapping[str, str]


@requires(Permission.OWN_RECORD)
@require_http_methods(["GET", "HEAD", "POST", "PUT"])
@of_own_form
def sheet(request: HttpRequest, filling: Filling) -> HttpResponse:
    """Every question at once: PUT keeps what was tapped, POST keeps all and goes to the look over it."""
    instrument = fillings.instrument_of_filling(filling)
    if request.method == "PUT":
        return JsonResponse(_keep_sent(request, filling, instrument, sent_in(request.body)))
    if request.method == "POST":
        posted = {name: value for name, value in request.POST.items() if isinstance(value, str)}
        _keep_each(request, filling, instrument, posted)
        return redirect("measures:own-check", instrument.id)
    return _page(request, filling, instrument)


def sent_in(body: bytes) -> Sent:
    """What the page sends by itself: {"fields": {"q-1": ["2"]}, "held": {"q-1": []}}. Raises `BadInput`."""
    if len(body) > LARGEST:
        raise BadInput(_("Choose one of the answers."))
    try:
        found = json.loads(body)
        return Sent(_firsts(found["fields"]), _firsts(found["held"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadInput(_("Choose one of the answers.")) from None


def _firsts(said: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(values[0]) if values else "" for name, values in said.items()}


def _keep_sent(request: HttpRequest, filling: Filling, instrument: Instrument, sent: Sent) -> dict[str, Any]:
    """Keep what was sent and say how the form stands: the last answer holds, another device's is told."""
    before = _standing(filling, instrument)
    filling, kept, refused = _keep_each(request, filling, instrument, sent.fields)
    if not kept:
        filling.refresh_from_db(fields=["answers"])  # another device may have answered since
    given = fillings.answers_so_far(filling)
    elsewhere = {
        name: {"value": before[name], "words": _words(filling, instrument, name, before[name])}
        for name in kept
        if name in before and before[name] not in {sent.held.get(name, ""), sent.fields[name]}
    }
    asked = asked_items(instrument, given)
    return {
        "kept": kept,
        "refused": refused,
        "there": _standing(filling, instrument),
        "asked": [
            asking.field_name(item) for item in _items(instrument) if asked.get(item.id, True) is not False
        ],
        "open": [asking.field_name(item) for item in instrument.items if asked[item.id] is None],
        "elsewhere": elsewhere,
        "concern": concern_in(instrument, given).value,
    }


def _keep_each(
    request: HttpRequest, filling: Filling, instrument: Instrument, said: Mapping[str, str]
) -> tuple[Filling, list[str], dict[str, str]]:
    """In the order of the form: an answer may open or close those after it. What fails is said by field.

    The form is returned as the last answer that was kept found it, other devices' answers among it.
    """
    kept, refused = [], {}
    for item in _items(instrument):
        name = asking.field_name(item)
        if not said.get(name):
            continue
        try:
            filling = operations.keep_answer(
                by=viewer_of(request),
                now=timezone.now(),
                filling=filling,
                item_id=item.id,
                answer=asking.answer_from(said[name]),
            )
        except BadInput as error:
            refused[name] = str(error)
        else:
            kept.append(name)
    return filling, kept, refused


def _items(instrument: Instrument) -> tuple[Item, ...]:
    return (*instrument.items, *instrument.unscored_items)


def _standing(filling: Filling, instrument: Instrument) -> dict[str, str]:
    given = fillings.answers_so_far(filling)
    return {
        asking.field_name(item): asking.text_of(given[item.id])
        for item in _items(instrument)
        if item.id in given
    }


def _words(filling: Filling, instrument: Instrument, name: str, value: str) -> str:
    item = next(item for item in _items(instrument) if asking.field_name(item) == name)
    words = dict(asking.shown(filling, instrument, item, {}).choices)
    return words.get(value, _("I would rather not say"))


def _page(request: HttpRequest, filling: Filling, instrument: Instrument) -> HttpResponse:
    questions = asking.all_shown(filling, instrument)
    stem = instrument.stem
    context = {
        "nav": "questions",
        "instrument": instrument,
        "questions": questions,
        "asks_of_danger": any(question.about_danger for question in questions),
        "language": filling.language,
        "stem": in_language(stem, filling.language) if stem else "",
        "attribution": asking.attribution_of(instrument, filling.language),
        "address": reverse("measures:own-sheet", args=[instrument.id]),
    }
    return render(request, "measures/own_sheet.html", context)
