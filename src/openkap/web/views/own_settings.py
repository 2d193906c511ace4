"""Own settings: language, light or dark, and the way to the rest."""

from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from openkap.apps.access import operations
from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.web.context import permissions_of
from openkap.web.navigation import exists


@dataclass(frozen=True)
class Section:
    """A page of settings that lives elsewhere."""

    path: str
    icon: str
    title: str | Promise
    about: str | Promise
    permission: Permission


SECTIONS = (
    Section(
        "/settings/security/", icon="shield-lock", title=gettext_lazy("Security"),
        about=gettext_lazy("Password, passkeys, authenticator app, where you are signed in."),
        permission=Permission.SIGNED_IN,
    ),
    Section(
        "/settings/staff/", icon="users-group", title=gettext_lazy("Staff and roles"),
        about=gettext_lazy("Who works here, and what each person may do."), permission=Permission.STAFF_MANAGE,
    ),
    Section(
        "/settings/sites/", icon="building", title=gettext_lazy("Sites"),
        about=gettext_lazy("Clinics and retreat houses, with their time zones."),
        permission=Permission.STAFF_MANAGE,
    ),
    Section(
        "/settings/help/", icon="lifebuoy", title=gettext_lazy("Help and messages"),
        about=gettext_lazy("Where patients find help, and how a site writes to them."),
        permission=Permission.PORTAL_MANAGE,
    ),
    Section(
        "/settings/duty/", icon="phone", title=gettext_lazy("On duty"),
        about=gettext_lazy("Who hears of answers about suicide, and what happens when nobody is there."),
        permission=Permission.ROTA_WRITE,
    ),
    Section(
        "/settings/prices/", icon="receipt", title=gettext_lazy("Prices"),
        about=gettext_lazy("What treatment costs a patient, shown before consent."),
        permission=Permission.PRICE_WRITE,
    ),
    Section(
        "/settings/consent/", icon="signature", title=gettext_lazy("Consent texts"),
        about=gettext_lazy("What only your site can say in them, and who has to sign again."),
        permission=Permission.KNOWLEDGE_SIGN,
    ),
    Section(
        "/settings/burden/", icon="clock", title=gettext_lazy("How much is asked"),
        about=gettext_lazy("How many minutes of questions a week patients are asked for at most."),
        permission=Permission.KNOWLEDGE_SIGN,
    ),
    Section(
        "/gallery/", icon="components", title=gettext_lazy("Gallery"),
        about=gettext_lazy("Every component of these pages, for those who build and check them."),
        permission=Permission.STAFF_MANAGE,
    ),
)  # fmt: skip


class LanguageForm(forms.Form):
    """The language of the pages."""

    language = forms.ChoiceField(label=gettext_lazy("Language of the pages"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(code, _own_name(code)) for code, _name in settings.LANGUAGES]


def _own_name(code: str) -> str:
    """What the language calls itself: a person looks for that when they cannot read the page."""
    with translation.override(code):
        return str(dict(settings.LANGUAGES)[code])


@requires(Permission.SIGNED_IN)
@require_http_methods(["GET", "POST"])
def own_settings(request: HttpRequest) -> HttpResponse:
    """GET and POST /settings/."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the policy lets nobody else through
    form = LanguageForm(request.POST or None, initial={"language": user.language})
    if request.method == "POST" and form.is_valid():
        operations.choose_language(by=user, now=timezone.now(), language=form.cleaned_data["language"])
        with translation.override(user.language):
            messages.success(request, _("The pages speak English to you now."))
        return redirect("web:settings")
    held = permissions_of(user)
    sections = [s for s in SECTIONS if s.permission in held and exists(s.path)]
    status = 422 if form.is_bound else 200
    return render(request, "web/settings.html", {"form": form, "sections": sections}, status=status)
