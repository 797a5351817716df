"""The WSGI entry point that gunicorn serves; it does not start on a database that the system checks refuse."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from crm_site.core.startup import refuse_unfit_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")

application = get_wsgi_application()
refuse_unfit_database()
# What is loaded by now stays: the collector need not look through it again, and forked workers go on sharing it.
gc.freeze()
