"""Huifang's ground floor and roof: settings, wiring, and the rooms that belong to no single app."""

from crm_site.celery import app as celery_app

__all__ = ["celery_app"]
