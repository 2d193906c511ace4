"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.dosing.views import endpoints, pages

app_name = "dosing"
urlpatterns: list[URLPattern | URLResolver] = [
    path("patients/<uuid:patient_id>/sessions/", pages.session_list, name="sessions"),
    path("patients/<uuid:patient_id>/sessions/open/<uuid:visit_id>/", pages.open_session, name="open"),
    path("dosing/<uuid:session_id>/", pages.console, name="console"),
    path("dosing/<uuid:session_id>/report/", pages.report, name="report"),
    path("dosing/<uuid:session_id>/events/", endpoints.events, name="events"),
    path("dosing/<uuid:session_id>/state/", endpoints.state, name="state"),
    path("dosing/<uuid:session_id>/forecast/", endpoints.forecast, name="forecast"),
    path("dosing/<uuid:session_id>/stream/", endpoints.stream, name="stream"),
]
