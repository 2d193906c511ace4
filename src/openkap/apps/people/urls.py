"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.people.views import details, lists, team

app_name = "people"
urlpatterns: list[URLPattern | URLResolver] = [
    path("patients/", lists.list_patients, name="list"),
    path("patients/register/", lists.register, name="register"),
    path("patients/<uuid:patient_id>/details/", details.details, name="details"),
    path("patients/<uuid:patient_id>/details/team/", team.add, name="add-to-team"),
    path("patients/<uuid:patient_id>/details/team/<uuid:member_id>/end/", team.end, name="end-in-team"),
]
