"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.chart.views import by_hand, imports, record

app_name = "chart"
urlpatterns: list[URLPattern | URLResolver] = [
    path("patients/import/", imports.take_over, name="import"),
    path("patients/<uuid:patient_id>/record/", record.record, name="record"),
    path("patients/<uuid:patient_id>/record/values/", record.enter, name="enter"),
    path("patients/<uuid:patient_id>/record/no-allergies/", by_hand.no_allergies, name="no-allergies"),
    path("patients/<uuid:patient_id>/record/entries/<slug:kind>/", by_hand.add, name="add-entry"),
    path(
        "patients/<uuid:patient_id>/record/entries/<slug:kind>/<uuid:fact_id>/",
        by_hand.correct,
        name="correct-entry",
    ),
    path(
        "patients/<uuid:patient_id>/record/entries/<slug:kind>/<uuid:fact_id>/withdraw/",
        by_hand.withdraw,
        name="withdraw-entry",
    ),
    path(
        "patients/<uuid:patient_id>/record/values/<uuid:observation_id>/withdraw/",
        record.withdraw,
        name="withdraw",
    ),
]
