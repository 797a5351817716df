"""Answers that belong to no room: a failed CSRF check said in plain words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Tell the user that the page was too old to be accepted, and what to do; the technical reason stays out."""
    return render(request, "403_csrf.html", status=403)
