"""Nothing about a person is forgotten by oversight: every table has a room, every file that leaves is known."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from crm_site.privacy.persons import rooms
from customers.models import Customer
from tests.access.routes import routes

#: tables that hang on a person and hold nothing of them: keys, codes and figures that others answer for
WITHOUT_WORDS = {
    "customers.workmanship": "who of ours worked on an order",
    "satisfaction.factorscore": "numbers",
    "satisfaction.employeescore": "numbers",
    "satisfaction.answerattribution": "whose work an answer judges",
    "satisfaction.summarydelta": "numbers",
    "revisits.revisitorder": "keys",
    "complaints.intakedraft": "told and dropped by complaints.persons itself",
    "imports.appliedchunk": "told and emptied by imports.persons itself",
}

LOG, TRAIL, NOBODY = "in the log of exports", "in the trail, each time it is fetched", "names no customer"
#: every address that hands out a file -> whether it holds personal data and where that is written down
FILES = {
    "files:download": TRAIL,  # what was built or brought before; lists are in the log since they were built
    "satisfaction:responses_workbook": LOG,
    "revisits:sheet_book": LOG,
    "revisits:sheet_print": LOG,
    "reports:fill_layout": LOG,
    "privacy:export_customers": LOG,
    "privacy:request_decide": LOG,
    "complaints:evidence": LOG,
    "imports:workbook": TRAIL,  # gives back what the store itself has brought, with what is wrong in it
    "imports:template": NOBODY,
    "satisfaction:workbook": NOBODY,
    "satisfaction:printed_page": NOBODY,
    "satisfaction:tree_workbook": NOBODY,
    "satisfaction:chart": NOBODY,
    "reports:workbook": NOBODY,
    "reports:chart": NOBODY,
    "reports:object": NOBODY,
    "revisits:indicator_book": NOBODY,
    "revisits:analysis_book": NOBODY,
    "complaints:learn_workbook": NOBODY,
    "complaints:learn_chart": NOBODY,
}


def test_every_table_that_points_to_a_customer_has_a_room_that_answers_for_it():
    answered = {table for room in rooms() for table in room.tables} | set(WITHOUT_WORDS)
    pointing = {
        model._meta.label_lower
        for model in apps.get_models()
        if any(field.related_model is Customer for field in model._meta.concrete_fields)
    }
    assert pointing
    assert not pointing - answered


def test_every_table_below_one_of_these_has_a_room_as_well():
    answered = {table for room in rooms() for table in room.tables}
    whole = (
        "customers.repairorder",
        "satisfaction.response",
        "complaints.complaint",
        "revisits.revisit",
        "revisits.callattempt",
    )
    below = {
        model._meta.label_lower
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is not None and field.related_model._meta.label_lower in whole
    }
    assert not below - answered - set(WITHOUT_WORDS)


def _hands_out(view) -> bool:
    """Whether a view's module builds files."""
    module = getattr(view, "__module__", "")
    path = Path(settings.BASE_DIR, *module.split(".")).with_suffix(".py")
    path = path if path.exists() else path.with_suffix("") / "__init__.py"
    name = getattr(view, "__name__", "")
    source = path.read_text(encoding="utf-8")
    body = re.search(rf"^def {re.escape(name)}\(.*?(?=^(?:def|class|@|#:)|\Z)", source, re.M | re.S)
    return bool(body and re.search(r"Content-Disposition|FileResponse|_file\(|CONTENT_TYPE", body[0]))


def test_every_address_that_hands_out_a_file_is_in_the_inventory():
    found = {route.name for route in routes() if _hands_out(route.view)}
    assert len(found) >= 6
    assert not found - set(FILES)


def test_the_inventory_names_addresses_that_exist():
    assert not set(FILES) - {route.name for route in routes()}


@pytest.mark.parametrize(
    "path",
    [
        "satisfaction/views/export/responses.py",
        "revisits/views/figures/sheets.py",
        "crm_site/reports/export/changes.py",
        "complaints/actions/evidence.py",
        "crm_site/privacy/actions/listing.py",
        "crm_site/privacy/work.py",
    ],
)
def test_what_is_in_the_log_passes_the_gate(path):
    assert "exports.leave(" in Path(settings.BASE_DIR, path).read_text(encoding="utf-8")
