"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.access.views import lock, places, security, staff, welcome

app_name = "access"
urlpatterns: list[URLPattern | URLResolver] = [
    path("unlock/", lock.unlock, name="unlock"),
    path("still-here/", lock.still_here, name="still_here"),
    path("welcome/<uuid:user_id>/<str:token>/", welcome.welcome, name="welcome"),
    path("settings/security/sign-ins/<uuid:sign_in_id>/end/", security.end_sign_in, name="end_sign_in"),
    path("settings/security/sign-ins/end-others/", security.end_others, name="end_other_sign_ins"),
    path("settings/staff/", staff.staff, name="staff"),
    path("settings/staff/add/", staff.add, name="add_user"),
    path("settings/staff/<uuid:user_id>/", staff.person, name="person"),
    path("settings/staff/<uuid:user_id>/roles/", staff.grant, name="grant_role"),
    path("settings/staff/<uuid:user_id>/roles/<int:membership_id>/end/", staff.end, name="end_role"),
    path("settings/staff/<uuid:user_id>/close/", staff.close, name="close_account"),
    path("settings/staff/<uuid:user_id>/reopen/", staff.reopen, name="reopen_account"),
    path("settings/staff/<uuid:user_id>/forget/", staff.forget, name="forget_factors"),
    path("settings/staff/<uuid:user_id>/link/", staff.link, name="set_up_link"),
    path("settings/sites/", places.sites, name="sites"),
    path("settings/sites/<uuid:site_id>/", places.change, name="change_site"),
]
