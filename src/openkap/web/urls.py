"""Routes of the cross-app pages; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.web.views.gallery import gallery
from openkap.web.views.health import health

app_name = "web"
urlpatterns: list[URLPattern | URLResolver] = [
    path("gallery/", gallery, name="gallery"),
    path("health", health, name="health"),
]
