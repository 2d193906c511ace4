"""Routes of patients' own pages, and of the pages by which staff open them; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.web.views import portal, portal_door, portal_help, portal_kept, portal_own, portal_staff

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("portal/", portal.today, name="today"),
    path("portal/questions/", portal.questions, name="questions"),
    path("portal/plan/", portal.plan, name="plan"),
    path("portal/help/", portal.help_now, name="help"),
    path("portal/worker.js", portal_kept.worker, name="worker"),
    path("portal/kept/offline/", portal_kept.offline, name="kept-offline"),
    path("portal/kept/help/", portal_kept.kept_help, name="kept-help"),
    path("portal/kept/plan/", portal_kept.kept_plan, name="kept-plan"),
    path("portal/me/", portal_own.own, name="own"),
    path("portal/me/seen-by/", portal.access_log, name="access-log"),
    path("portal/me/channels/", portal_own.channels, name="channels"),
    path("portal/me/code/", portal_own.code, name="code"),
    path("portal/welcome/", portal_own.welcome, name="welcome"),
    path("portal/leave/", portal_own.leave, name="leave"),
    path("portal/language/", portal_own.language, name="language"),
    path("portal/text-size/", portal_own.size, name="text-size"),
    path("portal/sign-out/", portal_door.sign_out, name="sign-out"),
    path("sign-in/link/", portal_door.ask, name="ask"),
    path("link/<str:token>/", portal_door.open_link, name="open"),
    path("patients/<uuid:patient_id>/details/portal/", portal_staff.way_in, name="way-in"),
    path("patients/<uuid:patient_id>/details/portal/invite/", portal_staff.invite, name="invite"),
    path("patients/<uuid:patient_id>/details/portal/take-back/", portal_staff.take_back, name="take-back"),
    path("patients/<uuid:patient_id>/details/portal/close/", portal_staff.close, name="close"),
    path("patients/<uuid:patient_id>/details/portal/channels/", portal_staff.channels, name="patient-channels"),
    path("settings/help/", portal_help.sites, name="site-helps"),
    path("settings/help/<uuid:site_id>/", portal_help.site_help, name="site-help"),
    path("settings/help/<uuid:site_id>/messages/", portal_help.site_messages, name="site-messages"),
    path("settings/help/<uuid:site_id>/test/", portal_help.test_message, name="test-message"),
]
