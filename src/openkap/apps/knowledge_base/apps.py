"""Django's registration of the app."""

from django.apps import AppConfig


class KnowledgeBaseConfig(AppConfig):
    name = "openkap.apps.knowledge_base"
    label = "knowledge_base"
