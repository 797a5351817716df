"""Settings of Huifang, read from the environment; whatever is missing in production is named and refused."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from crm_site.core.environ import broker_settings, database_from_url, flag
from crm_site.core.i18n import gettext_noop
from crm_site.core.web import policy

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("HUIFANG_VAR", BASE_DIR / "var"))

# A demo (make run, the tests) may be started without any configuration; production may not.
DEMO = flag("HUIFANG_DEMO")
DEBUG = flag("DEBUG") and DEMO
# The password of every demo login; outside the demo there are no such logins.
DEMO_PASSWORD = "huifang-demo" if DEMO else ""

SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        gettext_noop(
            "SECRET_KEY is missing. Set it to a long random text in the environment (see .env.example), "
            "or start the demo with: make run"
        )
    )

ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host]
if DEMO:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]", "testserver"]
elif not ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        gettext_noop("ALLOWED_HOSTS is missing. Name the hosts that serve Huifang, separated by commas.")
    )

INSTALLED_APPS = [
    "crm_site.core",
    "crm_site.audit",
    "crm_site.accounts",
    "crm_site.worktime",
    "crm_site.notices",
    "crm_site.files",
    "crm_site.jobs",
    "crm_site.imports",
    "customers",
    "satisfaction",
    "complaints",
    "revisits",
    "crm_site.reports",
    "crm_site.privacy",
    "crm_site.history",
    "crm_site.upkeep",
    "crm_site.dashboard",
    "crm_site.demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "js_lib_bootstrap5",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "csp",
]

MIDDLEWARE = [
    "crm_site.core.web.requests.RequestLine",
    "crm_site.core.web.headers.SafetyHeaders",
    "csp.middleware.CSPMiddleware",
    "crm_site.jobs.probe.HealthFirst",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    # these two look at a request before the next one reads its body
    "crm_site.core.web.door.Door",
    "crm_site.core.web.limits.Limits",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crm_site.accounts.middleware.SessionMiddleware",
    "crm_site.accounts.middleware.ScopeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "customers.following.FollowMerged",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "crm_site.urls"
WSGI_APPLICATION = "crm_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "crm_site.dashboard.context.shell",
            ],
            "builtins": ["crm_site.core.templatetags.hf", "django.templatetags.i18n"],
        },
    },
]

DATABASES = {"default": database_from_url(os.environ.get("DATABASE_URL", ""), VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = ["models.W040"]  # SQLite leaves columns out of an index that PostgreSQL keeps in it
ATOMIC_REQUESTS = False

REDIS_URL = os.environ.get("REDIS_URL", "")
CACHES = policy.cache_settings(REDIS_URL)

# ---- people -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "dashboard:home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "crm_site.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "crm_site.accounts.passwords.ChineseHabits"},
    {"NAME": "crm_site.accounts.passwords.NothingOfOneself"},
]
# How tries are counted stands in accounts.throttling; axes asks there before a password is looked at.
AXES_HANDLER = "crm_site.accounts.throttling.Handler"
AXES_LOCKOUT_CALLABLE = "crm_site.accounts.views.signing.locked"
AXES_CLIENT_IP_CALLABLE = "crm_site.core.web.proxies.client_address"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # a try that is not judged is not counted either
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
OTP_TOTP_ISSUER = "Huifang"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_ENGINE = "crm_site.accounts.sessions"  # of whom, since when, used when

# ---- language and time --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# ---- files --------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEMO
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEMO
WHITENOISE_AUTOREFRESH = False
MEDIA_ROOT = VAR_DIR / "files"  # never served by URL: files leave only through crm_site.files
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "crm_site.files.uploading.TemporaryFiles",
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
MAX_UPLOAD_BYTES = 50 * 1024 * 1024

# ---- background work ----------------------------------------------------------------------------------------------
globals().update(broker_settings(REDIS_URL, VAR_DIR))
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # the worker waits for its queue however long it is away
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # jobs need no queue to go on
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
#: how long a claimed call stays with its caller without a sign of life
CALL_LEASE_SECONDS = float(os.environ.get("CALL_LEASE_SECONDS") or 15 * 60)
#: how often jobs are looked for whose worker is gone or whose message was lost
SWEEP_SECONDS = float(os.environ.get("JOB_SWEEP_SECONDS") or 15)
#: how long a web process remembers whether worker and scheduler live, for the banner of every page; 0 = not at all
PULSE_SECONDS = 10.0
# Each tick only asks "what is due?"; business keys in the job ledger make a second tick harmless.
CELERY_BEAT_SCHEDULE: dict[str, dict] = {
    # a tick that nobody has taken until the next one is stale: that one does its work
    "sweep": {"task": "crm_site.jobs.tasks.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    # asks only which stores lack a day; a business day begins within the minute, and missed days are made up
    "due-days": {"task": "revisits.tasks.enqueue_due_days", "schedule": 60.0, "options": {"expires": 60}},
    # a store's draw is made once a business day, by the job's key
    "inspections": {"task": "revisits.tasks.enqueue_inspections", "schedule": 900.0, "options": {"expires": 600}},
    # the class of every customer is reckoned once a business day, by the job's key
    "classes": {"task": "revisits.tasks.enqueue_classes", "schedule": 900.0, "options": {"expires": 600}},
    # the archive of every store is looked over once a business day, by the job's key
    "archive-quality": {"task": "customers.tasks.enqueue_quality", "schedule": 900.0, "options": {"expires": 600}},
    # a measure that is due for its check is told once, by the notice's key
    "measures": {"task": "satisfaction.tasks.remind_of_checks", "schedule": 3600.0, "options": {"expires": 600}},
    # low answers that nobody has decided about for a day are told once, by the notice's key
    # the look for falling scores and the digests of ended weeks and months, each once by the job's key
    "steering": {"task": "satisfaction.tasks.steer", "schedule": 900.0, "options": {"expires": 600}},
    "decisions": {"task": "satisfaction.tasks.remind_of_decisions", "schedule": 1800.0, "options": {"expires": 600}},
    # readers add what is not folded yet, so a late fold costs time only
    "sums": {"task": "satisfaction.tasks.fold_sums", "schedule": 60.0, "options": {"expires": 60}},
    "complaints": {"task": "complaints.tasks.tick", "schedule": 120.0, "options": {"expires": 120}},
    # asks only which ended months lack a draft, and which drafts are of yesterday
    "reports": {"task": "crm_site.reports.tasks.enqueue_drafts", "schedule": 600.0, "options": {"expires": 600}},
    # looks at customers without a task are told once a day, by the notice's key
    "looks": {"task": "crm_site.privacy.tasks.watch_looks", "schedule": 600.0, "options": {"expires": 600}},
    # who and what is kept no longer, once a store and business day by the job's key
    "nights": {"task": "crm_site.privacy.tasks.enqueue_nights", "schedule": 900.0, "options": {"expires": 600}},
}
CELERY_BEAT_SCHEDULER = "crm_site.jobs.clockwork:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")

# ---- hooks: how a lower room reaches a higher one, checked at start-up (core.checks) --------------------------------
#: installs the reference rows of a room; run by `manage.py install_defaults`, safe to run again
DEFAULTS: list[str] = [
    "satisfaction.defaults.install",
    "complaints.defaults.install",
    "complaints.default_texts.install",
    "revisits.defaults.install",
    "crm_site.worktime.defaults.install",
    "customers.defaults.install",
]
CUSTOMER_PANELS: list[str] = [
    "satisfaction.panels.for_customer",
    "complaints.panels.for_customer",
    "revisits.panels.for_customer",
    "crm_site.privacy.panels.duplicates_of_customer",
    "crm_site.privacy.panels.looks_of_customer",
    "crm_site.privacy.request_panel.for_customer",
]
#: where segments are used, so that none is retired from under it: (store's key, today) -> {segment: names}
SEGMENT_USES: list[str] = ["revisits.segment_uses.of_rules"]
#: the pages of archive care, below one hub; each path is a list of customers.care.pages.CarePage
CARE_PAGES: list[str] = ["customers.care.places.PAGES", "crm_site.privacy.care.PAGES"]
#: the checks of which the score of the archive is made; each path is a list of customers.care.items.Item
QUALITY_ITEMS: list[str] = ["customers.care.items.ITEMS", "crm_site.privacy.care.ITEMS"]
#: what higher rooms show on the page of a car: (request, vehicle, keys of the customers who may be told) -> panels
VEHICLE_PANELS: list[str] = [
    "complaints.panels.for_vehicle",
    "revisits.panels.for_vehicle",
]
TIMELINE: list[str] = [
    "customers.panels.events",
    "satisfaction.panels.events",
    "complaints.panels.events",
    "revisits.panels.events",
]
#: what higher rooms add to a digest: (store's key, kind, first day, last day, today) -> figures
DIGEST_FACTS: list[str] = ["revisits.digests.covered"]
#: opens the ticket that a later decision about low answers asks for: (response, by=, at=)
LOW_ANSWER_TICKETS: list[str] = ["revisits.actions.low_answers.open_for"]
SATISFACTION_PANELS: list[str] = ["revisits.panels.coverage"]
#: pages whose filters may be saved under a name -> the capability that opens them (accounts.views.saved_views)
SAVED_VIEW_PAGES: dict[str, str] = {
    "satisfaction:dashboard": "satisfaction.view",
    "satisfaction:breakdown": "satisfaction.view",
    "satisfaction:items": "satisfaction.view",
    "satisfaction:responses": "satisfaction.view",
    "customers:list": "customers.view",
}
#: from how many customers each store's answers come: (request, scope) -> {store id: [(step, count)]}
COVERAGE_STEPS: list[str] = ["revisits.panels.coverage_steps"]
#: what would have nothing to ask without a questionnaire: (its code, store ids) -> names
QUESTIONNAIRE_USES: list[str] = ["revisits.queries.questionnaires.uses"]
#: which customers are kept and lost, beside their loyalty: (request, scope) -> panels
RETENTION_PANELS: list[str] = ["revisits.panels.retention"]
#: what higher rooms add to the metric dictionary: () -> (title of the group, figures)
FIGURE_ENTRIES: list[str] = ["revisits.panels.definitions"]
#: what improvement measures can be measured by, beside scores; and after how many days they are checked
MEASURE_METRICS: dict[str, str] = {
    "complaints": "complaints.effect.OF_CATEGORY",
    "employee": "complaints.effect.OF_EMPLOYEE",
}
MEASURE_CHECK_AFTER: list[str] = ["complaints.effect.check_after_days"]
IMPORT_LAYOUTS: list[str] = [
    "customers.layouts.CUSTOMERS",
    "customers.layouts.DELIVERIES",
    "customers.layouts.REPAIR_ORDERS",
    "complaints.layouts.COMPLAINTS",
    "crm_site.imports.employees.EMPLOYEES",
    "satisfaction.layouts.EXTERNAL_SCORES",
    "revisits.layouts.PAST_REVISITS",
]
JOB_KINDS: dict[str, str] = {
    "privacy.duplicates": "crm_site.privacy.actions.finding.find_duplicates",
    "privacy.night": "crm_site.privacy.work.night",
    "privacy.parcel": "crm_site.privacy.work.build_parcel",
    "privacy.customer_list": "crm_site.privacy.work.build_list",
    "reports.draft": "crm_site.reports.work.draft",
    "customers.dates": "customers.work.refresh_dates",
    "customers.bulk": "customers.bulk_work.change",
    "customers.quality": "customers.night.look_over",
    "satisfaction.figures": "satisfaction.figuring.compute",
    "satisfaction.whatif": "satisfaction.trial.recompute",
    "satisfaction.alerts": "satisfaction.steering.find_alerts",
    "satisfaction.digests": "satisfaction.steering.build_digests",
    "complaints.evidence": "complaints.evidence.work.build",
    "revisits.generate": "revisits.work.generate",
    "revisits.ahead": "revisits.work.ahead",
    "revisits.classes": "revisits.classes.class_customers",
    "revisits.inspections": "revisits.work.draw_inspections",
    "import.stage": "crm_site.imports.staging.stage",
    "import.apply": "crm_site.imports.applying.apply",
    "import.plan_undo": "crm_site.imports.undoing.plan",
    "import.undo": "crm_site.imports.undoing.undo",
    "import.error_workbook": "crm_site.imports.workbook.building.error_workbook",
}
AFTER_IMPORT: list[str] = ["revisits.generate"]
BEFORE_UNDO: list[str] = ["revisits.work.before_undo"]
#: everything that a room knows of one customer, for handing over and for erasing (privacy.persons.Room)
PERSONAL_DATA: list[str] = [
    "customers.persons.ROOM",
    "satisfaction.persons.ROOM",
    "complaints.persons.ROOM",
    "revisits.persons.ROOM",
    "crm_site.reports.persons.ROOM",
    "crm_site.imports.persons.ROOM",
    "crm_site.files.persons.ROOM",
    "crm_site.notices.persons.ROOM",
    "crm_site.jobs.persons.ROOM",
    "crm_site.privacy.own.ROOM",
    "crm_site.history.persons.ROOM",
]
#: asked before personal data leave as a file, and told what it held: objects with allow and leave (core.exports)
EXPORT_GATES: list[str] = ["crm_site.privacy.actions.exports.GATE"]
#: what higher rooms let the customer list be filtered by: lists of customers.filtering.Field
CUSTOMER_FILTERS: list[str] = ["complaints.customer_filters.FIELDS", "revisits.customer_filters.FIELDS"]
#: what else the search box finds: (user, typed) -> finds, each with a title, a line and an address
FINDERS: list[str] = ["complaints.finders.tickets", "customers.finders.orders"]
#: what an undo of an import takes along: rows refreshed that follow from those taken back
AROUND_UNDO: list[str] = ["customers.actions.follow.around_undo", "customers.search.around_undo"]
#: asked before a file that belongs to a record is handed out: (user, stored file) -> whether the user sees the record
FILE_DOORS: list[str] = ["complaints.attachments.may_fetch"]
#: asked before any file is handed out: (user, stored file) -> whether it is kept from the user: about them, or somebody
#: else's list
FILE_BARS: list[str] = ["complaints.actions.evidence.is_barred", "crm_site.privacy.actions.listing.is_barred"]
#: tells a user what happened to their account: (user, code)
ACCOUNT_NOTICES: list[str] = ["crm_site.notices.actions.tell"]
#: what higher rooms add to the evidence pack of a complaint: (complaint) -> [Section]
EVIDENCE: list[str] = ["revisits.evidence.for_complaint"]
#: asked whether the confirming call of a complaint can bring no word of the customer any more: (complaint) -> bool
CONFIRMING_CALLS: list[str] = ["revisits.queries.confirming.is_in_vain"]

# ---- look ---------------------------------------------------------------------------------------------------------
CRISPY_ALLOWED_TEMPLATE_PACKS = ["bootstrap5"]
CRISPY_TEMPLATE_PACK = "bootstrap5"

# ---- safety -------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = policy.CONTENT_SECURITY_POLICY
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
CSRF_FAILURE_VIEW = "crm_site.core.web.errors.csrf_failure"
BEHIND_PROXY = flag("HUIFANG_BEHIND_PROXY")  # whose X-Forwarded-For, X-Forwarded-Proto and X-Request-ID are believed
PLAIN_HTTP = DEMO or flag("HUIFANG_PLAIN_HTTP")
globals().update(policy.cookie_settings(is_secure=not PLAIN_HTTP))
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # messages name people: not in a cookie
RATE_LIMITS = True
if not DEMO:
    SECURE_SSL_REDIRECT = not PLAIN_HTTP
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = policy.logging_settings(is_demo=DEMO, level=os.environ.get("LOG_LEVEL", "INFO"))
