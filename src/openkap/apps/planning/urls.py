"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.planning.views import plans, schedule, visits

app_name = "planning"
urlpatterns: list[URLPattern | URLResolver] = [
    path("patients/<uuid:patient_id>/plan/", plans.plan, name="plan"),
    path("patients/<uuid:patient_id>/plan/stop/", plans.stop, name="stop"),
    path("visits/<uuid:visit_id>/", visits.visit, name="visit"),
    path("schedule/", schedule.week, name="schedule"),
]
