"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.journal.views import own, staff

app_name = "journal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("portal/journal/", own.journal, name="own"),
    path("portal/journal/<uuid:entry_id>/readers/", own.readers, name="readers"),
    path("portal/practice/<uuid:practice_id>/", own.practice, name="practice"),
    path("portal/practice/<uuid:practice_id>/done/", own.done, name="done"),
    path("portal/practice/<uuid:practice_id>/remind/", own.remind, name="remind"),
    path("patients/<uuid:patient_id>/journal/", staff.journal, name="staff"),
    path(
        "patients/<uuid:patient_id>/journal/practice/<uuid:practice_id>/end/",
        staff.end_practice,
        name="end-practice",
    ),
]
