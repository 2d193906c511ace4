"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.tasks.views import lists

app_name = "tasks"
urlpatterns: list[URLPattern | URLResolver] = [
    path("tasks/", lists.list_tasks, name="list"),
    path("tasks/<uuid:task_id>/complete/", lists.complete, name="complete"),
    path("tasks/<uuid:task_id>/cancel/", lists.cancel, name="cancel"),
    path("alerts/strip/", lists.strip, name="strip"),
    path("alerts/<uuid:alert_id>/acknowledge/", lists.acknowledge, name="acknowledge"),
]
