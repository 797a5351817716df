"""Hooks by dotted path: loaded in order, and a broken path found at start-up."""

import json
import logging as python_logging

import pytest

from crm_site.core import checks, clock, hooks, tracing
from crm_site.core.logging import JsonFormatter


def test_a_list_of_paths_becomes_objects(settings):
    settings.CUSTOMER_PANELS = ["crm_site.core.clock.now", "crm_site.core.clock.today"]
    assert hooks.load("CUSTOMER_PANELS") == [clock.now, clock.today]


def test_a_dict_of_paths_keeps_its_names(settings):
    settings.JOB_KINDS = {"a.b": "crm_site.core.clock.now"}
    assert hooks.load("JOB_KINDS") == {"a.b": clock.now}
    assert hooks.load_one("JOB_KINDS", "a.b") is clock.now
    with pytest.raises(KeyError):
        hooks.load_one("JOB_KINDS", "unknown")


def test_a_setting_that_is_not_there_is_an_empty_list():
    assert hooks.load("NO_SUCH_HOOK") == []


def test_start_up_names_a_path_that_cannot_be_imported(settings):
    settings.IMPORT_LAYOUTS = ["crm_site.core.clock.yesterday", "no.such.module"]
    settings.AFTER_IMPORT = ["no.such.kind"]
    settings.JOB_KINDS = {}
    told = " ".join(message.msg for message in checks.check_hooks())
    assert all(name in told for name in ("clock.yesterday", "no.such.module", "no.such.kind"))


def test_every_hook_of_the_settings_resolves():
    assert checks.check_hooks() == []


def test_a_log_line_holds_no_query_string_and_no_whole_phone():
    record = python_logging.LogRecord(
        "x", python_logging.INFO, "", 1, 'GET /search?q=张三 13800138000\n"forged"', (), None
    )
    with tracing.request("r1"):
        line = JsonFormatter().format(record)
    assert "\n" not in line
    entry = json.loads(line)
    assert "张三" not in entry["message"]
    assert "13800138000" not in entry["message"]
    assert entry["request_id"] == "r1"
