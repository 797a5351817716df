"""Lets a template explain a figure where it stands: `{% load figures %}{% what "index" %}`."""

from __future__ import annotations

from typing import Any

from django import template

from satisfaction.queries import dictionary

register = template.Library()


@register.inclusion_tag("satisfaction/what.html")
def what(code: str) -> dict[str, Any]:
    """A sign that says how a figure is made, on hover and when opened; raises KeyError for one without an entry."""
    return {"entry": dictionary.entries()[code]}
