"""All components on one page, as a browser gets them: rendered, with the real sheets and scripts, under the CSP."""

import mimetypes
from types import SimpleNamespace

from django.contrib.staticfiles import finders
from django.template import Context, engines
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.utils import translation
from playwright.sync_api import Page, Route

from tests.shell.specimens import SPECIMENS, variables

ORIGIN = "http://huifang.test"
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'"
STORES = [
    SimpleNamespace(pk=1, short_name="渝北一店"),
    SimpleNamespace(pk=2, short_name="两江新区照母山汽车城二店"),
]
CELLS = {"heat_cells", "diff_row", "cell_error"}  # table parts: they stand in a table of their own
PAGE = """{% extends "layouts/detail.html" %}
{% block title %}Components{% endblock %}
{% block heading %}Components{% endblock %}
{% block meta %}<span>One of each</span>{% endblock %}
{% block actions %}<a class="btn btn-quiet" href="#">Quiet</a>{% endblock %}
{% block main %}
  {% for piece in pieces %}<section class="hf-panel"><div class="hf-panel__body">{{ piece }}</div></section>{% endfor %}
{% endblock %}
{% block toasts %}{{ toast }}{% endblock %}"""
TABLE = '<div class="hf-tablewrap"><table class="hf-table hf-table--list"><tbody>{}</tbody></table></div>'
#: parts of other components, and what is fixed to the window
APART = {"figs_inside", "question_low", "field", "toast", "messages"}


def pieces() -> list[str]:
    """The first example of each component, rendered."""
    return [_piece(name) for name in SPECIMENS if name not in APART]


def _piece(name: str) -> str:
    html = render_to_string(f"components/{name}.html", variables(name, SPECIMENS[name][0]))
    if name == "heat_cells":
        html = type(html)(f"<tr>{html}</tr>")
    return type(html)(TABLE.format(html)) if name in CELLS else html


def html(theme: str, language: str) -> str:
    """The gallery in a theme and a language."""
    nav = [{"label": "Calls", "url": "#", "icon": "telephone", "count": 49, "current": True}]
    shell = {
        "nav": [{"title": "", "items": nav}, {"title": "Administration", "items": nav[:1]}],
        "stores": STORES,
        "store": STORES[0],
        "user_label": "陈思雨 · 回访专员",
        "theme": theme,
        "unread": 3,
    }
    with translation.override(language), override_settings(ROOT_URLCONF="tests.shell.urls"):
        toast = render_to_string("components/toast.html", variables("toast", SPECIMENS["toast"][0]))
        values = {"shell": shell, "pieces": pieces(), "toast": toast, "csrf_token": "t"}
        values["request"] = RequestFactory().get("/gallery/")
        return engines["django"].from_string(PAGE).template.render(Context(values))


def serve(page: Page, theme: str = "light", language: str = "zh-hans") -> list[str]:
    """Open the gallery in the browser without any server; gives the list that fills with its complaints."""
    complaints: list[str] = []
    body = html(theme, language)

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path == "/":
            headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
            return route.fulfill(body=body, headers=headers)
        found = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        if not found:
            return route.fulfill(status=404)
        return route.fulfill(path=found, content_type=mimetypes.guess_type(found)[0])

    page.set_default_timeout(5000)
    page.route("**/*", answer)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{ORIGIN}/")
    return complaints
