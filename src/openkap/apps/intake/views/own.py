"""The intake on the patient's own telephone: one topic a screen, every answer kept as it is typed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.intake import operations, queries
from openkap.apps.intake.models import Intake, IntakeState
from openkap.apps.intake.topics import TOPICS
from openkap.apps.intake.views.filling import Step, keep, topic_page, topic_with
from openkap.apps.people.queries import own_patient
from openkap.apps.people.viewer import viewer_of
from openkap.errors import BadInput, NotFound


@requires(Permission.OWN_RECORD)
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """What it is for and how long it takes; then the screens."""
    intake = queries.current_intake(own_patient(viewer_of(request)))
    if intake is None or intake.state != IntakeState.OPEN:
        return render(request, "intake/own_done.html", {"nav": "questions", "intake": intake})
    answers = queries.answers_of(intake)
    steps = [(topic, queries.is_touched(topic, answers)) for topic in TOPICS]
    context = {
        "nav": "questions",
        "intake": intake,
        "steps": steps,
        "begun": any(answers.values()),
        "next": next((topic for topic, is_touched in steps if not is_touched), None),
    }
    return render(request, "intake/own_start.html", context)


@requires(Permission.OWN_RECORD)
@require_http_methods(["GET", "POST", "PUT"])
def topic(request: HttpRequest, topic_id: str) -> HttpResponse:
    """One screen: GET shows it, PUT keeps what is typed, POST keeps it and goes on."""
    intake = _own_open(request)
    if intake is None:
        return _not_open(request)
    step = Step(intake, topic_with(topic_id), "intake/own_topic.html", "intake:topic", "intake:check")
    if request.method == "PUT":
        return keep(request, step)
    return topic_page(request, step)


@requires(Permission.OWN_RECORD)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Everything at a glance, and handing it in."""
    user = viewer_of(request)
    if request.method == "POST":
        intake = queries.current_intake(own_patient(user))
        if intake is None:
            return redirect("intake:start")
        try:
            operations.send_intake(by=user, now=timezone.now(), intake=intake)
        except BadInput as error:
            return _check_page(request, intake, str(error))
        return redirect("intake:start")
    open_one = _own_open(request)
    return _not_open(request) if open_one is None else _check_page(request, open_one)


def _check_page(request: HttpRequest, intake: Intake, mistake: str = "") -> HttpResponse:
    context = {"nav": "questions", "topics": queries.said_in(intake), "mistake": mistake}
    return render(request, "intake/own_check.html", context, status=400 if mistake else 200)


def _own_open(request: HttpRequest) -> Intake | None:
    intake = queries.current_intake(own_patient(viewer_of(request)))
    return intake if intake is not None and intake.state == IntakeState.OPEN else None


def _not_open(request: HttpRequest) -> HttpResponse:
    """Who goes back after handing in reads how it stands; an answer that came alone is refused."""
    if request.method == "PUT":
        raise NotFound(_("There is nothing to fill in now."))
    return redirect("intake:start")
