"""Prints docs/import-columns.md: the columns of every list for people to read."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import override

from crm_site.imports import layout
from crm_site.imports.workbook import columns


class Command(BaseCommand):
    """Writes the document to standard output."""

    help = "Print docs/import-columns.md from the layouts."

    def handle(self, *args: Any, **options: Any) -> None:
        with override("en"):
            self.stdout.write(columns.document(list(layout.layouts().values())), ending="")
