"""What every browser is told about our answers, and how cookies, cache and logs are set up: the settings of safety."""

from __future__ import annotations

from typing import Any

from csp.constants import NONCE, NONE, SELF

#: Nothing but what we serve ourselves, nothing inline without the answer's own nonce; no page of ours in a frame.
#: There is no report-uri: a report would tell somebody else which pages are open.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "script-src-attr": [NONE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [NONE],
        "frame-src": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
#: for a file that leaves: whatever it is and however it is opened, it runs nothing, loads nothing and sends nothing
FILE_POLICY = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
#: what a browser could give to a page and no page of ours asks for
_NOT_ASKED_FOR = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "local-fonts",
    "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS_POLICY = ", ".join([*(f"{name}=()" for name in _NOT_ASKED_FOR), "clipboard-write=(self)"])
#: on every answer, those of the web server's own files included
HEADERS = {
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
#: what is said of an answer that is not meant for everybody
PRIVATE = "private, no-store"


def cookie_settings(*, is_secure: bool) -> dict[str, Any]:
    """Django's settings of our cookies; `is_secure` where people come by https only.

    Under https their names begin with __Host-: a browser takes such a cookie only from this very host and only over
    https, so that no neighbouring host can plant one. The token's cookie is not HttpOnly: a page that was open while
    its user signed in again in another tab goes on with the new token (static/js/draft.js).
    """
    prefix = "__Host-" if is_secure else ""
    return {
        "SESSION_COOKIE_NAME": f"{prefix}sessionid",
        "SESSION_COOKIE_SECURE": is_secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_NAME": f"{prefix}csrftoken",
        "CSRF_COOKIE_SECURE": is_secure,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "LANGUAGE_COOKIE_NAME": f"{prefix}language" if is_secure else "django_language",
        "LANGUAGE_COOKIE_SECURE": is_secure,
        "LANGUAGE_COOKIE_HTTPONLY": True,
        "LANGUAGE_COOKIE_SAMESITE": "Lax",
    }


def cache_settings(redis_url: str) -> dict[str, dict[str, Any]]:
    """Django's CACHES: Redis where there is one, else the memory of each process."""
    if not redis_url:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    patient = {"BACKEND": "crm_site.core.cache.PatientCache", "LOCATION": redis_url, "KEY_PREFIX": "hf"}
    return {"default": patient}


def logging_settings(*, is_demo: bool, level: str) -> dict[str, Any]:
    """Python's logging: one JSON object a line in production, plain lines without one for each request in the demo."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"()": "crm_site.core.logging.PlainFormatter"},
            "json": {"()": "crm_site.core.logging.JsonFormatter"},  # without query strings and long numbers
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain" if is_demo else "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "huifang.request": {"level": "WARNING" if is_demo else "INFO"},
            # Django's own handler of this logger would say everything a second time
            "django": {"handlers": [], "level": "INFO"},
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "propagate": True},
            "axes": {"level": "WARNING"},
            "fontTools": {"level": "WARNING"},
        },
    }
