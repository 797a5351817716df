"""Names the room to Django."""

from django.apps import AppConfig


class WorktimeConfig(AppConfig):
    """Opening hours, the desk's rota and the calendar."""

    name = "crm_site.worktime"
    label = "worktime"
