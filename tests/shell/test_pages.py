"""The layouts and the bare pages: signing in and errors."""

import pytest
from django.template import Context, engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

SHELL = {
    "nav": [
        {
            "title": "",
            "items": [{"label": "Calls", "url": "/calls/", "icon": "telephone", "count": 49, "current": True}],
        },
        {"title": "Administration", "items": [{"label": "Imports", "url": "/imports/", "icon": "upload"}]},
    ],
    "stores": [],
    "store": None,
    "user_label": "Chen Siyu · Specialist",
    "theme": "dark",
    "unread": 3,
}


def page(layout: str, shell: dict | None = None) -> str:
    """A page of the layout with a heading, rendered without any context processor."""
    source = (
        '{% extends "layouts/' + layout + '.html" %}{% block title %}T{% endblock %}{% block heading %}H{% endblock %}'
    )
    values = {"request": RequestFactory().get("/x/"), "csrf_token": "token"}
    if shell is not None:
        values["shell"] = shell
    return engines["django"].from_string(source).template.render(Context(values))


@pytest.mark.parametrize("layout", ["list", "detail", "form", "report"])
def test_a_layout_has_one_heading_one_main_and_a_way_to_skip_to_it(layout):
    html = page(layout, SHELL)
    assert html.count("<h1>") == 1
    assert html.count("<main ") == 1
    assert 'href="#main"' in html
    assert 'data-bs-theme="dark"' in html
    assert 'aria-current="page"' in html


@pytest.mark.parametrize("layout", ["list", "detail", "form", "report", "bare"])
def test_a_layout_without_a_shell_degrades_silently(layout):
    html = page(layout)
    assert "<h1>H</h1>" in html
    assert 'data-bs-theme="light"' in html


def test_search_is_posted_never_got():
    html = page("list", SHELL)
    if 'role="search"' in html:
        form = html[html.index('role="search"') :].partition(">")[0]
        assert 'method="post"' in form


def test_the_page_is_in_the_active_language():
    with translation.override("en"):
        assert '<html lang="en"' in page("list")
    with translation.override("zh-hans"):
        html = page("list")
    assert '<html lang="zh-hans"' in html
    assert "跳到正文" in html


@pytest.mark.parametrize(
    "name", [*(f"errors/{status}" for status in (400, 403, 404, 405, 411, 413, 429, 500, 503)), "accounts/locked"]
)
@pytest.mark.parametrize(("language", "word"), [("zh-hans", "回访"), ("en", "Huifang")])
def test_an_error_page_stands_without_context_and_in_both_languages(name, language, word):
    with translation.override(language):
        html = render_to_string(f"{name}.html")
    assert f"· {word}</title>" in html
    assert html.count("<h1>") == 1


def test_a_refusal_says_its_reason():
    assert "只有客户关系经理能降低级别。" in render_to_string(
        "errors/403.html", {"exception": "只有客户关系经理能降低级别。"}
    )


def test_signing_in_asks_for_name_and_password_and_keeps_the_way_on():
    html = render_to_string("accounts/sign_in.html", {"next": "/calls/"}, request=RequestFactory().get("/"))
    for piece in (
        'name="username"',
        'name="password"',
        'name="next" value="/calls/"',
        "csrfmiddlewaretoken",
        'method="post"',
    ):
        assert piece in html
