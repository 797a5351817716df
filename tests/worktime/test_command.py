"""`manage.py load_holidays`: the official lists from the command line."""

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from crm_site.core import clock
from crm_site.worktime import official
from crm_site.worktime.models import CalendarDay


def test_it_loads_the_recent_years_and_warns_of_the_missing_one(db, monkeypatch):
    latest = official.recent_years()[-1]
    monkeypatch.setattr(clock, "today", lambda: date(latest, 11, 21))
    CalendarDay.objects.all().delete()
    out, err = io.StringIO(), io.StringIO()
    call_command("load_holidays", stdout=out, stderr=err)

    assert f"{latest}: {len(official.of_year(latest))} added" in out.getvalue()
    assert f"The holidays of {latest + 1} are missing" in err.getvalue()


def test_it_loads_an_older_year_by_name(db):
    call_command("load_holidays", "2019", stdout=io.StringIO(), stderr=io.StringIO())

    assert CalendarDay.objects.in_year(2019).exists()


def test_a_year_it_does_not_know_is_an_error(db):
    with pytest.raises(CommandError, match="2090"):
        call_command("load_holidays", "2090")


def test_it_speaks_the_language_of_the_shell(db, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    CalendarDay.objects.in_year(2019).delete()
    out = io.StringIO()
    call_command("load_holidays", "2019", stdout=out, stderr=io.StringIO())
    assert f"2019 年：新增 {len(official.of_year(2019))} 天" in out.getvalue()
