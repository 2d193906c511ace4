"""Every component in every state, for those who build and for the tests of contrast and names."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.web.figures import picture_of
from openkap.web.gallery import SampleForm, sample_course
from openkap.web.status import STATUSES


@requires(Permission.KNOWLEDGE_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def gallery(request: HttpRequest) -> HttpResponse:
    """GET /gallery/. Its sample forms lead back to it; they save nothing."""
    if request.method == "POST":
        return redirect("web:gallery")
    messages.success(request, _("A message after a change looks like this."))
    return render(request, "web/gallery.html", gallery_context())


def gallery_context() -> dict[str, object]:
    """What the page shows."""
    wrong = SampleForm({"name": "", "weight": "-3", "born": "", "drug": "ketamine"})
    return {
        "statuses": list(STATUSES.values()),
        "blank": SampleForm(auto_id="draft_%s"),
        "wrong": wrong,
        "picture": picture_of(sample_course(), heading=_("A course of treatment, made up")),
        "findings": sample_findings(),
    }


def sample_findings() -> list[dict[str, object]]:
    """One finding of each status."""
    return [
        {
            "status": "blocked", "reason": _("Resting blood pressure is too high"),
            "text": _("Treat the pressure first, then repeat the readings."),
            "fact": _("Mean of three seated readings above the limit, today"), "rule": "sample-rule v1",
            "authority": _("Label"), "source": _("A made-up source, page 3"), "verification": "source",
            "verification_word": _("read in source"), "locked": True,
        },
        {
            "status": "needs", "reason": _("Needs: liver tests"),
            "text": _("The last panel is too old to count."),
            "fact": "", "rule": "sample-rule v2", "authority": _("Convention"), "source": _("A made-up review"),
            "verification": "secondary", "verification_word": _("secondary"),
        },
    ]  # fmt: skip
