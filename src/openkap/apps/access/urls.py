"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.access.views import lock, security, welcome

app_name = "access"
urlpatterns: list[URLPattern | URLResolver] = [
    path("unlock/", lock.unlock, name="unlock"),
    path("still-here/", lock.still_here, name="still_here"),
    path("welcome/<uuid:user_id>/<str:token>/", welcome.welcome, name="welcome"),
    path("settings/security/sign-ins/<uuid:sign_in_id>/end/", security.end_sign_in, name="end_sign_in"),
    path("settings/security/sign-ins/end-others/", security.end_others, name="end_other_sign_ins"),
]
