"""How a lower room reaches a higher one without importing it: dotted paths named in the settings."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

#: Settings that hold dotted paths, as a list or as a dict of name -> path.
PATH_SETTINGS = (
    "DEFAULTS",
    "CUSTOMER_PANELS",
    "VEHICLE_PANELS",
    "CUSTOMER_FILTERS",
    "FINDERS",
    "CARE_PAGES",
    "QUALITY_ITEMS",
    "TIMELINE",
    "SATISFACTION_PANELS",
    "COVERAGE_STEPS",
    "QUESTIONNAIRE_USES",
    "FIGURE_ENTRIES",
    "RETENTION_PANELS",
    "LOW_ANSWER_TICKETS",
    "DIGEST_FACTS",
    "IMPORT_LAYOUTS",
    "JOB_KINDS",
    "BEFORE_UNDO",
    "AROUND_UNDO",
    "PERSONAL_DATA",
    "EXPORT_GATES",
    "FILE_DOORS",
    "FILE_BARS",
    "EVIDENCE",
    "CONFIRMING_CALLS",
    "ACCOUNT_NOTICES",
    "SEGMENT_USES",
)
#: Settings that hold keys of JOB_KINDS.
KIND_SETTINGS = ("AFTER_IMPORT",)


def load(setting_name: str) -> Any:
    """The objects behind a hook setting: a list for a list of paths, a dict for a dict of paths; [] when not set.

    Raises ImportError for a path that does not resolve (the system check finds it at start-up).
    """
    named = getattr(settings, setting_name, [])
    if isinstance(named, dict):
        return {name: resolve(path) for name, path in named.items()}
    return [resolve(path) for path in named]


def load_one(setting_name: str, name: str) -> Any:
    """The object behind one name of a dict setting; an unknown name raises KeyError."""
    return resolve(getattr(settings, setting_name)[name])


@cache
def resolve(path: str) -> Any:
    """The object that a dotted path names; raises ImportError."""
    return import_string(path)
