"""Filling in one topic, alike for patients and for staff who do it with them."""

from dataclasses import dataclass, field
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from openkap.apps.intake import operations, queries
from openkap.apps.intake.forms import TopicForm
from openkap.apps.intake.models import Intake
from openkap.apps.intake.topics import BY_ID, FIELDS, TOPICS, Topic
from openkap.apps.intake.views.reading import typed_fields
from openkap.apps.people.viewer import viewer_of
from openkap.errors import BadInput, NotFound


@dataclass(frozen=True)
class Step:
    """One screen and where it leads: names of the routes, and their further arguments."""

    intake: Intake
    topic: Topic
    template: str
    route: str
    last: str
    arguments: dict[str, UUID] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return TOPICS.index(self.topic) + 1


def topic_with(topic_id: str) -> Topic:
    """The topic of that id. Raises `NotFound`."""
    found = BY_ID.get(topic_id)
    if found is None:
        raise NotFound("There is no such page of the intake.")
    return found


def keep(request: HttpRequest, step: Step) -> HttpResponse:
    """Keep what was typed so far: lists of strings by field, as islands/parts/keeping.ts sends them."""
    typed = typed_fields(request.body)
    answers = {name: "\n".join(values) for name, values in typed.items()}
    for name in answers:
        if name in FIELDS and FIELDS[name].kind == "tick":
            answers[name] = "yes" if typed[name] else ""
    operations.keep_answers(by=viewer_of(request), now=timezone.now(), intake=step.intake, answers=answers)
    return JsonResponse({"kept": sorted(answers)})


def topic_page(request: HttpRequest, step: Step) -> HttpResponse:
    """Show the screen; POST keeps it and goes to the next one, or back."""
    form = TopicForm(step.topic, request.POST if request.method == "POST" else None, initial=_initial(step))
    if request.method == "POST" and form.is_valid():
        try:
            answers = form.answers()
            operations.keep_answers(
                by=viewer_of(request), now=timezone.now(), intake=step.intake, answers=answers
            )
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return _onward(step)
    context = {
        "nav": "questions",
        "intake": step.intake,
        "patient": step.intake.patient,
        "topic": step.topic,
        "form": form,
        "number": step.number,
        "count": len(TOPICS),
        "before": TOPICS[step.number - 2].id if step.number > 1 else "",
    }
    return render(request, step.template, context, status=400 if form.errors else 200)


def _initial(step: Step) -> dict[str, object]:
    answers = queries.with_known(step.intake, queries.answers_of(step.intake))
    ticks = {one.name for one in step.topic.fields if one.kind == "tick"}
    return {name: value == "yes" if name in ticks else value for name, value in answers.items()}


def _onward(step: Step) -> HttpResponse:
    if step.number == len(TOPICS):
        return HttpResponseRedirect(reverse(step.last, kwargs=step.arguments))
    return HttpResponseRedirect(
        reverse(step.route, kwargs=step.arguments | {"topic_id": TOPICS[step.number].id})
    )
