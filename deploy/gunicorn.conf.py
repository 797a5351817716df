"""How gunicorn serves Huifang in production; systemd hands it the door, elsewhere BIND says where it listens."""

import os

from crm_site.core.web.server import LIMITS

if not os.environ.get("LISTEN_FDS"):
    bind = os.environ.get("BIND", "127.0.0.1:8000")
# CPU-bound pages are served fastest by plain processes; two cores, two of them in each of two servers
workers = int(os.environ.get("WEB_WORKERS") or 2)
preload_app = True
backlog = 512
# above the database's own bound for a page's statement (20 s), so that the user gets its answer
timeout = 60
graceful_timeout = 25
# a slow leak of any library ends here; not all at the same moment
max_requests = 5000
max_requests_jitter = 500
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
accesslog = "-"
loglevel = "warning"
logger_class = "crm_site.core.web.server.ServerLog"
control_socket_disable = True
limit_request_line, limit_request_fields, limit_request_field_size = (int(number) for number in LIMITS[1::2])
