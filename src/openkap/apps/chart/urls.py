"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.chart.views import imports, record

app_name = "chart"
urlpatterns: list[URLPattern | URLResolver] = [
    path("patients/import/", imports.take_over, name="import"),
    path("patients/<uuid:patient_id>/record/", record.record, name="record"),
    path("patients/<uuid:patient_id>/record/values/", record.enter, name="enter"),
    path(
        "patients/<uuid:patient_id>/record/values/<uuid:observation_id>/withdraw/",
        record.withdraw,
        name="withdraw",
    ),
]
