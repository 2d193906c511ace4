"""Bringing a file in three steps on one address: choose it, see what would be kept, keep it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.lifestyle import operations, queries
from openkap.apps.lifestyle.drafts import Draft, explain, packed, read_draft, unpacked
from openkap.apps.lifestyle.forms import ColumnsForm, DevicesForm, FileForm
from openkap.apps.lifestyle.previewing import previews, skipped_in_words
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import own_patient, patient_for
from openkap.apps.people.viewer import viewer_of
from openkap.errors import BadInput, NotAllowedNow

LINES_SHOWN = 3


@requires(Permission.OWN_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """The patient brings a file of their own."""
    user = viewer_of(request)
    patient, back = own_patient(user), reverse("web:own-weeks")
    return Bringing(request, user, patient, "lifestyle/own_file.html", back).answer()


@requires(Permission.MEASURE_ENTER, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Staff bring a file that the patient gave them."""
    user = viewer_of(request)
    patient = patient_for(user, patient_id, Permission.MEASURE_ENTER)
    back = reverse("web:lifestyle", args=[patient_id])
    return Bringing(request, user, patient, "lifestyle/staff_file.html", back).answer()


@requires(Permission.OWN_RECORD)
@require_POST
def remove(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The patient takes the days of a file out."""
    user = viewer_of(request)
    file = queries.file_of(own_patient(user), file_id)
    operations.remove_file(by=user, now=timezone.now(), file=file)
    messages.success(request, _("Taken out. Nothing of it is kept."))
    return redirect("web:own-weeks")


@dataclass(frozen=True)
class Bringing:
    """One request of bringing a file: whose it is, who brings it, and the page it is done on."""

    request: HttpRequest
    user: User
    patient: Patient
    template: str
    back: str

    def answer(self) -> HttpResponse:
        """The step that is asked for; a file that cannot be used leads back to the first, with the reason."""
        if self.request.method != "POST":
            return self._page("choose", form=FileForm())
        try:
            return self._next()
        except BadInput as error:
            return self._page("choose", status=400, form=FileForm(), mistake=str(error))
        except NotAllowedNow as error:
            return self._page("choose", status=409, form=FileForm(), mistake=str(error))

    def _next(self) -> HttpResponse:
        post, now = self.request.POST, timezone.now()
        step = post.get("step", "")
        if not step:
            return self._read()
        draft = unpacked(post.get("draft", ""), self.patient)
        if draft.table is not None:
            columns = ColumnsForm(draft.table, post)
            if not columns.is_valid():
                return self._ask_columns(draft, columns)
            return self._preview(explain(draft, columns.columns(), self.patient, now))
        chosen = DevicesForm(draft.found, post)
        if step != "keep" or not chosen.is_valid():
            return self._preview(draft, chosen)
        _file, is_new = operations.keep_days(
            by=self.user, now=now, patient=self.patient, draft=draft, preferred=chosen.preferred()
        )
        said = _("Kept.") if is_new else _("These days were kept already. Nothing changed.")
        messages.success(self.request, said)
        return redirect(self.back)

    def _read(self) -> HttpResponse:
        form = FileForm(self.request.POST, self.request.FILES)
        if not form.is_valid():
            raise BadInput(_("Choose a file that holds something."))
        draft = read_draft(form.cleaned_data["file"].file, self.patient, timezone.now())
        if draft.table is not None:
            return self._ask_columns(draft, ColumnsForm(draft.table))
        return self._preview(draft)

    def _ask_columns(self, draft: Draft, form: ColumnsForm) -> HttpResponse:
        shown = {"headers": form.table.headers, "rows": form.table.rows[:LINES_SHOWN]}
        held = packed(draft, self.patient)
        return self._page("columns", status=400 if form.errors else 200, form=form, draft=held, table=shown)

    def _preview(self, draft: Draft, form: DevicesForm | None = None) -> HttpResponse:
        form = form or DevicesForm(draft.found)
        preferred = form.preferred() if form.is_bound and form.is_valid() else {}
        return self._page(
            "preview",
            status=400 if form.errors else 200,
            form=form,
            draft=packed(draft, self.patient),
            previews=previews(draft, preferred, self.patient),
            skipped=skipped_in_words(draft),
        )

    def _page(self, step: str, *, status: int = 200, **context: Any) -> HttpResponse:
        context |= {"patient": self.patient, "nav": "journal", "back": self.back, "step": step}
        return render(self.request, self.template, context, status=status)
