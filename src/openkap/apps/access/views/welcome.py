"""A new account's first page: the set-up link an administrator handed over."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from openkap.apps.access import operations, queries
from openkap.apps.access.forms import FirstPasswordForm
from openkap.apps.access.policy import public
from openkap.errors import BadInput


@public
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, user_id: UUID, token: str) -> HttpResponse:
    """Choose the first password; then sign in and add a second factor."""
    user = queries.user_named(user_id)
    if not user.is_active or not default_token_generator.check_token(user, token):
        return render(request, "access/welcome_void.html", status=410)
    form = FirstPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.set_first_password(
                now=timezone.now(), user=user, token=token, password=form.cleaned_data["password"]
            )
        except BadInput as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Your password is set. Sign in with it; then add a second factor."))
            return redirect("account_login")
    return render(request, "access/welcome.html", {"form": form, "new_user": user})
