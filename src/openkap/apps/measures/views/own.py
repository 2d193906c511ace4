"""Questionnaires on the patient's own telephone: one question a screen, kept as it is answered."""

import json
from dataclasses import dataclass
from math import ceil
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.measures import asking, fillings, operations, queries
from openkap.apps.measures.concern import Concern, concern_in, concern_of
from openkap.apps.measures.models import Filling
from openkap.apps.measures.views.filled import of_own_form
from openkap.apps.measures.words import ASKS
from openkap.apps.people.queries import own_patient
from openkap.apps.people.viewer import viewer_of
from openkap.core.psychometrics import Answer, NotAnswered, asked_items, in_language, languages_of
from openkap.errors import BadInput, NotFound
from openkap.knowledge.schema.instrument import Instrument, Item

LANGUAGE_NAMES = {"en": "English", "es": "Español"}
LARGEST = 4096  # bytes of one answer sent by itself


@dataclass(frozen=True)
class Screen:
    """One question as it is shown: `number` of `count`, both among those that are asked."""

    item: Item
    number: int
    count: int
    before: int  # the number of the question before; 0 for the first


@requires(Permission.OWN_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, instrument_id: str) -> HttpResponse:
    """How long it takes and who reads it; POST begins, or goes on."""
    user, now = viewer_of(request), timezone.now()
    patient = own_patient(user)
    instrument = queries.instrument_for_entry(patient, now, instrument_id)
    there = languages_of(instrument)
    wanted = (get_language() or "en")[:2]
    if request.method == "POST":
        filling = operations.begin_filling(
            by=user,
            now=now,
            patient=patient,
            instrument_id=instrument_id,
            language=request.POST.get("language", ""),
        )
        return redirect("measures:own-sheet", instrument.id) if "at_once" in request.POST else _to_next(filling)
    context = {
        "nav": "questions",
        "instrument": instrument,
        "title": ASKS[instrument.domain],
        "minutes": ceil(instrument.minutes),
        "languages": [(code, LANGUAGE_NAMES[code]) for code in there],
        "chosen": wanted if wanted in there else next(iter(there), "en"),
        "begun": fillings.open_filling(patient, instrument) is not None,
        "asked": any(one.instrument.id == instrument.id for one in fillings.asked_of(patient, now)),
        "tell": queries.said_before(patient, now, instrument, wanted),
    }
    return render(request, "measures/own_start.html", context)


@requires(Permission.OWN_RECORD)
@require_http_methods(["GET", "HEAD", "POST", "PUT"])
@of_own_form
def question(request: HttpRequest, filling: Filling, number: int) -> HttpResponse:
    """One question: GET shows it, PUT keeps the answer as it is tapped, POST keeps it and goes on."""
    instrument = fillings.instrument_of_filling(filling)
    screen = _screen(instrument, fillings.answers_so_far(filling), number)
    if request.method == "PUT":
        _keep(request, filling, screen.item, _tapped(request.body))
        return JsonResponse({"kept": ["answer"]})
    if request.method == "POST":
        answer = asking.RATHER_NOT if "rather_not" in request.POST else request.POST.get("answer", "")
        if answer:
            filling = _keep(request, filling, screen.item, answer)
        elif screen.item not in instrument.unscored_items:
            mistake = _("Choose an answer, or say you would rather not.")
            return _question_page(request, filling, instrument, screen, mistake)
        return _to_next(filling, after=screen.item)
    return _question_page(request, filling, instrument, screen)


@requires(Permission.OWN_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
@of_own_form
def check(request: HttpRequest, filling: Filling) -> HttpResponse:
    """Everything at a glance; POST hands it in."""
    user, now = viewer_of(request), timezone.now()
    instrument = fillings.instrument_of_filling(filling)
    mistake = ""
    if request.method == "POST":
        try:
            operations.hand_in(by=user, now=now, filling=filling)
        except BadInput as error:
            mistake = str(error)
        else:
            return redirect("measures:own-done", filling.public_id)
    given = fillings.answers_so_far(filling)
    context = {
        "nav": "questions",
        "instrument": instrument,
        "lines": [
            (number, _asks(item, filling), _answer_words(instrument, item, filling, given.get(item.id)))
            for number, item in enumerate(_asked(instrument, given), 1)
        ],
        "complete": fillings.next_unanswered(instrument, given) is None,
        "mistake": mistake,
        "language": filling.language,
        "concern": concern_in(instrument, given),
    }
    return render(request, "measures/own_check.html", context, status=400 if mistake else 200)


@requires(Permission.OWN_RECORD)
@require_safe
def done(request: HttpRequest, response_id: UUID) -> HttpResponse:
    """Thanks, and what help there is now for who said that they think of suicide."""
    patient = own_patient(viewer_of(request))
    filling = Filling.objects.filter(patient=patient, public_id=response_id, handed_in_at__isnull=False).first()
    if filling is None:
        raise NotFound(_("There is no such entry."))
    more = fillings.asked_of(patient, timezone.now())
    context = {
        "nav": "questions",
        "concern": concern_in(fillings.instrument_of_filling(filling), fillings.answers_so_far(filling)),
        "next": more[0].instrument if more else None,
        "next_title": ASKS[more[0].instrument.domain] if more else "",
    }
    return render(request, "measures/own_done.html", context)


def _asked(instrument: Instrument, given: dict[str, Answer]) -> list[Item]:
    """The questions that are put, in order; what still may be is among them. The unscored ones come last."""
    states = asked_items(instrument, given)
    return [*(item for item in instrument.items if states[item.id] is not False), *instrument.unscored_items]


def _screen(instrument: Instrument, given: dict[str, Answer], number: int) -> Screen:
    items = _asked(instrument, given)
    if not 1 <= number <= len(items):
        raise NotFound(_("There is no such question."))
    return Screen(items[number - 1], number, len(items), number - 1)


def _to_next(filling: Filling, after: Item | None = None) -> HttpResponse:
    """To the question after this one, or the first without an answer; at the end to the look over all."""
    instrument = fillings.instrument_of_filling(filling)
    given = fillings.answers_so_far(filling)
    items = _asked(instrument, given)
    if after is not None:
        position = items.index(after) + 1 if after in items else 0
    else:
        open_item = fillings.next_unanswered(instrument, given)
        position = items.index(open_item) if open_item else len(items)
    if position >= len(items):
        return redirect("measures:own-check", filling.instrument_id)
    return redirect("measures:own-question", filling.instrument_id, position + 1)


def _keep(request: HttpRequest, filling: Filling, item: Item, answer: str) -> Filling:
    """'Next' sends again what the tap has sent already: for most answers there is nothing left to do."""
    said = asking.answer_from(answer)
    if fillings.answers_so_far(filling).get(item.id) == said:
        return filling
    return operations.keep_answer(
        by=viewer_of(request), now=timezone.now(), filling=filling, item_id=item.id, answer=said
    )


def _tapped(body: bytes) -> str:
    """The answer in what the page sends by itself: {"answer": ["2"]}. Raises `BadInput`."""
    try:
        found = json.loads(body[:LARGEST])["answer"][0]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise BadInput(_("Choose one of the answers."), field="answer") from None
    return str(found)


def _question_page(
    request: HttpRequest, filling: Filling, instrument: Instrument, screen: Screen, mistake: str = ""
) -> HttpResponse:
    given = fillings.answers_so_far(filling)
    context = {
        "nav": "questions",
        "instrument": instrument,
        "screen": screen,
        "question": asking.shown(filling, instrument, screen.item, given),
        "language": filling.language,
        "attribution": asking.attribution_of(instrument, filling.language),
        "mistake": mistake,
        "address": reverse("measures:own-question", args=[instrument.id, screen.number]),
        "concern": _concern_before(instrument, given, screen),
    }
    return render(request, "measures/own_question.html", context, status=400 if mistake else 200)


def _concern_before(instrument: Instrument, given: dict[str, Answer], screen: Screen) -> Concern:
    """What the answer to the question before this one says: the help there is stands on the very next page."""
    if not screen.before:
        return Concern.NONE
    before = _asked(instrument, given)[screen.before - 1]
    return concern_of(instrument, before, given.get(before.id))


def _asks(item: Item, filling: Filling) -> str:
    return (in_language(item.text, filling.language) if item.text else None) or item.id


def _answer_words(instrument: Instrument, item: Item, filling: Filling, answer: Answer | None) -> str:
    if answer is None:
        return ""
    if isinstance(answer, NotAnswered):
        return _("I would rather not say")
    for choice in instrument.choices_of(item):
        if choice.value == answer:
            return in_language(choice.label, filling.language) or str(answer)
    return str(answer)
