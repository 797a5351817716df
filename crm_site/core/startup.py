"""What every process that serves asks before it starts: whether the system checks accept its database."""

from django.core.checks import Error, Tags, run_checks
from django.core.exceptions import ImproperlyConfigured


def refuse_unfit_database() -> None:
    """Raise ImproperlyConfigured, saying what is wrong and what to do, where a database check finds an error."""
    refused = [one for one in run_checks(tags=[Tags.database], databases=["default"]) if isinstance(one, Error)]
    if refused:
        raise ImproperlyConfigured(" ".join(f"{one.msg} {one.hint or ''}".strip() for one in refused))
