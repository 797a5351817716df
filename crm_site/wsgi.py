"""The WSGI entry point that gunicorn serves; it does not start on a database that the system checks refuse."""

import os

from django.core.checks import Error, Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")

application = get_wsgi_application()

refused = [one for one in run_checks(tags=[Tags.database], databases=["default"]) if isinstance(one, Error)]
if refused:
    raise ImproperlyConfigured(" ".join(f"{one.msg} {one.hint or ''}".strip() for one in refused))
