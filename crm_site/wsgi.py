"""The WSGI entry point that gunicorn serves; it does not start on a database that the system checks refuse."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.urls import get_resolver

from crm_site.core.startup import refuse_unfit_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")

application = get_wsgi_application()
refuse_unfit_database()
# The server divides itself after this: two processes on one inherited connection would read each other's answers.
connections.close_all()
# Every page is loaded before the server divides itself and says that it is ready: else the first people after a restart
# would wait for it, in each process anew.
assert get_resolver().url_patterns
# What is loaded by now stays: the collector need not look through it again, and forked workers go on sharing it.
gc.freeze()
