"""Run as a program with production settings: asks for pages and prints, as JSON, what they answer and what is set."""

import io
import json
import os
import sys

import django


def main() -> None:
    """Set up, look, print."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "crm_site.settings"
    django.setup()
    from django.conf import settings
    from django.test import override_settings

    found = {"settings": {name: getattr(settings, name) for name in json.loads(sys.argv[1])}}
    found["deploy"] = checked()
    # the files themselves are collected by an installation; with their list missing not even a template can be read
    found["uncollected"] = asked("/sign-in/")
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}).enable()
    found["sign_in"] = asked("/sign-in/")
    found["nowhere"] = asked("/nowhere/13812345678/")
    found["plain"] = asked("/sign-in/", secure=False)
    found["foreign_host"] = asked("/sign-in/", headers={"host": "evil.example"})
    found["no_database"] = asked("/", cookies={settings.SESSION_COOKIE_NAME: "x" * 32})
    found["no_database_en"] = asked(
        "/", cookies={settings.SESSION_COOKIE_NAME: "x" * 32, settings.LANGUAGE_COOKIE_NAME: "en"}
    )
    print(json.dumps(found, default=str))


def checked() -> str:
    """What `check --deploy` says."""
    from django.core.management import call_command

    said = io.StringIO()
    call_command("check", deploy=True, stdout=said, stderr=said, no_color=True)
    return said.getvalue()


def asked(path: str, *, secure: bool = True, cookies: dict | None = None, headers: dict | None = None) -> dict:
    """The answer to a GET."""
    from django.test import Client

    client = Client(raise_request_exception=False)
    for name, value in (cookies or {}).items():
        client.cookies[name] = value
    answer = client.get(path, secure=secure, headers={"host": "crm.example.cn", **(headers or {})})
    set_here = {name: morsel.OutputString() for name, morsel in answer.cookies.items()}
    text = b"".join(answer).decode()
    return {"status": answer.status_code, "headers": dict(answer.headers), "cookies": set_here, "text": text}


if __name__ == "__main__":
    main()
