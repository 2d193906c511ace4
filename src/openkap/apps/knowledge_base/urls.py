"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.knowledge_base import views

app_name = "knowledge_base"
urlpatterns: list[URLPattern | URLResolver] = [
    path("knowledge/", views.browse, name="browse"),
    path("knowledge/wordings/", views.wordings, name="wordings"),
    path("knowledge/wordings/<uuid:pack_id>/withdraw/", views.withdraw_wording, name="withdraw_wording"),
    path("knowledge/<slug:record_id>/", views.browse, name="record"),
    path("knowledge/<slug:record_id>/sign-off/", views.sign_off, name="sign_off"),
]
