"""Routes of the app; each view names its policy. The pages that show weeks and days are in `web`."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.lifestyle.views import bringing

app_name = "lifestyle"
urlpatterns: list[URLPattern | URLResolver] = [
    path("portal/weeks/file/", bringing.own, name="own-file"),
    path("portal/weeks/file/<uuid:file_id>/remove/", bringing.remove, name="remove-file"),
    path("patients/<uuid:patient_id>/measures/lifestyle/file/", bringing.staff, name="file"),
]
