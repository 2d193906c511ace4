"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.measures.views import entering, pages

app_name = "measures"
urlpatterns: list[URLPattern | URLResolver] = [
    path("patients/<uuid:patient_id>/measures/", pages.overview, name="overview"),
    path("patients/<uuid:patient_id>/measures/enter/", pages.library, name="library"),
    path("patients/<uuid:patient_id>/measures/enter/<slug:instrument_id>/", entering.enter, name="enter"),
    path("patients/<uuid:patient_id>/measures/<uuid:response_id>/", pages.entry, name="entry"),
    path("patients/<uuid:patient_id>/measures/<uuid:response_id>/fhir/", pages.as_fhir, name="fhir"),
    path("patients/<uuid:patient_id>/measures/<uuid:response_id>/correct/", entering.correct, name="correct"),
]
