"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.assessment.views import acts, page

app_name = "assessment"
ROOT = "patients/<uuid:patient_id>/assessment/"
urlpatterns: list[URLPattern | URLResolver] = [
    path(ROOT, page.assessment, name="page"),
    path(f"{ROOT}indication/", acts.indication, name="indication"),
    path(f"{ROOT}answers/", acts.answers, name="answers"),
    path(f"{ROOT}decision/", acts.decision, name="decision"),
    path(f"{ROOT}end/", acts.end, name="end"),
    path(f"{ROOT}overrides/<slug:rule_id>/", acts.override, name="override"),
    path(f"{ROOT}overrides/<uuid:override_id>/end/", acts.end_override, name="end-override"),
]
