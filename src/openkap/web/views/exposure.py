"""Trying a dose: from a patient's chart, and as a teaching view. By POST, so that no address holds anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.dosing.interacting import interactions_in_force, taken_by
from openkap.apps.dosing.ordering import age_on
from openkap.apps.dosing.predicting import usable_models
from openkap.apps.dosing.taking import Today, today_of
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.knowledge_base.words import text_in
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import patient_for
from openkap.apps.sites.queries import sites_with_ids
from openkap.core.pharmacology import PkModel
from openkap.core.pharmacology.interactions import Taken, taken_of
from openkap.errors import BadInput
from openkap.knowledge.knowledge_set import KnowledgeSet
from openkap.web.exposure.answer import answer
from openkap.web.exposure.asking import Asking, person_of
from openkap.web.exposure.forms import ExposureForm
from openkap.web.exposure.shown import Shown, doses_words, shown

UNREADABLE = 400
OF_OTHER = ("drug", "route", "amount", "unit", "duration", "model")


@dataclass(frozen=True)
class Asked:
    """What is known before anything is typed: a patient's day, age, sex and medicines; or nothing."""

    knowledge: KnowledgeSet
    age: int | None = None
    sex: str = ""
    today: Today | None = None
    taking: tuple[Taken, ...] = ()
    known: tuple[str, ...] = field(default=())

    @property
    def models(self) -> dict[str, PkModel]:
        """The models that may be used here today."""
        return usable_models(self.knowledge)

    @property
    def takes(self) -> str:
        """The medicines of the record that matter here, by name."""
        language = get_language() or "en"
        return ", ".join(text_in(taken.name, language) for taken in self.taking)

    @property
    def offered(self) -> tuple[Taken, ...]:
        """Every agent with a record in force."""
        records = interactions_in_force(self.knowledge)
        return taken_of(sorted({record.agent for record in records.values()}), records)


@requires(Permission.DOSING_READ, while_locked=False)
@require_http_methods(["GET", "HEAD", "POST"])
def exposure(request: HttpRequest) -> HttpResponse:
    """/exposure/: the teaching view; weight, age and sex are typed, and nobody's record is touched."""
    site = sites_with_ids(access.sites_where(_viewer(request), Permission.DOSING_READ))[0]
    asked = Asked(knowledge_for(site, timezone.now()))
    return _page(request, asked, "web/exposure.html", {})


@requires(Permission.DOSING_READ, about_patient=True, while_locked=False)
@require_http_methods(["GET", "HEAD", "POST"])
def try_dose(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """/patients/<id>/sessions/try/: the same for a patient. Only that the chart was read is written."""
    viewer, now = _viewer(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.DOSING_READ)
    with transaction.atomic():
        subject = audit.Subject("patient", patient.public_id, patient.public_id, patient.site_id)
        audit.record(by=viewer, now=now, action="dosing.read", subject=subject, details={"page": "try"})
    asked = asked_of(viewer, patient, now)
    return _page(request, asked, "web/exposure_chart.html", {"patient": patient, "asked": asked})


def asked_of(viewer: User, patient: Patient, now: datetime) -> Asked:
    """What the patient's record says today."""
    on = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    knowledge = knowledge_for(patient.site, now)
    return Asked(
        knowledge=knowledge,
        age=age_on(patient, on),
        sex=patient.sex,
        today=today_of(viewer, patient, now),
        taking=taken_by(patient, knowledge, on),
        known=("age_years", "sex"),
    )


def _page(request: HttpRequest, asked: Asked, template: str, more: Mapping[str, Any]) -> HttpResponse:
    """The form, and the answer where it was asked."""
    form = _form(request, asked)
    result = _result(form, asked) if request.method == "POST" else None
    wrong = request.method == "POST" and result is None
    context = {"form": form, "result": result, "groups": _groups(form), **more}
    return render(request, template, context, status=UNREADABLE if wrong else 200)


def _form(request: HttpRequest, asked: Asked) -> ExposureForm:
    today = asked.today
    weight = today.weight_kg if today else None
    offered = {taken.agent for taken in asked.offered}
    form = ExposureForm(
        request.POST if request.method == "POST" else None,
        models=asked.models,
        taken=asked.offered,
        language=get_language() or "en",
        known=asked.known,
        may_start=bool(today and today.doses),
        initial={
            "weight_kg": weight,
            "taken": [t.agent for t in asked.taking if t.agent in offered],
            "from_session": request.GET.get("start") == "session",
        },
        label_suffix="",
    )
    if today is not None:
        measured = _("Measured today.")
        missing = _("Not measured today. What you type is used here only and not recorded.")
        form.fields["weight_kg"].help_text = missing if weight is None else measured
    if today is not None and "from_session" in form.fields:
        words = _("%(doses)s. Then only boosters are typed, and minutes count from its start.")
        form.fields["from_session"].help_text = words % {"doses": doses_words(today.doses)}
    return form


def _result(form: ExposureForm, asked: Asked) -> Shown | None:
    """The answer, or None with the fault at its field."""
    if not form.is_valid():
        return None
    entered = form.cleaned_data
    try:
        age = asked.age if asked.known else entered["age_years"]
        person = person_of(entered["weight_kg"], age, asked.sex if asked.known else entered["sex"])
        given = asked.today.doses if asked.today else ()
        question = Asking(entered, person, asked.models, _taken(entered["taken"], asked), given).question()
        return shown(answer(question, asked.models, asked.knowledge.pd_models), get_language() or "en")
    except BadInput as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None


def _taken(agents: list[str], asked: Asked) -> tuple[Taken, ...]:
    """What was ticked, and what the patient takes that has no figure at all."""
    unstudied = tuple(taken for taken in asked.taking if not taken.records)
    return (*taken_of(agents, interactions_in_force(asked.knowledge)), *unstudied)


def _groups(form: ExposureForm) -> dict[str, list[Any]]:
    """The form's fields as the page lays them out; those a form does not have are left out."""
    layout = {
        "person": ("weight_kg", "age_years", "sex"),
        "start": ("from_session",),
        "dose": ("drug", "route", "amount", "unit", "duration"),
        "booster_1": ("booster_1_amount", "booster_1_at", "booster_1_over"),
        "booster_2": ("booster_2_amount", "booster_2_at", "booster_2_over"),
        "taken": ("taken",),
        "view": ("model", "analyte", "hours", "level"),
        "other": ("compare", *(f"other_{part}" for part in OF_OTHER)),
    }
    return {name: [form[part] for part in parts if part in form.fields] for name, parts in layout.items()}


def _viewer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the policy lets nobody else through
    return request.user
