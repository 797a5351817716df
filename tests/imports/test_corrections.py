"""Correcting a refused cell in the browser: the row is judged anew, the figures follow, repetitions do not pass."""

import pytest
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.imports.actions import corrections
from crm_site.imports.models import ImportBatch, StagedRow, Verdict
from tests.customers import intake
from tests.imports import gallery, nasty, sheets

pytestmark = pytest.mark.django_db

BAD_DAY = ["E905", "赵六", "男", "售后服务部", "服务顾问", "13800138005", "2024/2/30", "在职"]


def at(batch, row) -> StagedRow:
    return StagedRow.objects.get(batch=batch, row=row)


def send(client, batch, row, htmx=False, **cells):
    headers = {"HX-Request": "true"} if htmx else {}
    data = {f"cell-{name}" if name != "take" else name: text for name, text in cells.items()}
    return client.post(reverse("imports:row", args=[batch.pk, at(batch, row).pk]), data, headers=headers)


@pytest.fixture
def batch(admin_a):
    return sheets.read(admin_a, sheets.roster([*sheets.ROSTER, BAD_DAY]))


@pytest.mark.parametrize("htmx", [False, True])
def test_a_corrected_row_is_taken(as_, admin_a, batch, htmx):
    answer = send(as_(admin_a), batch, 5, htmx, hired_on="2024-02-29")
    assert answer.status_code == (200 if htmx else 302)
    row = at(batch, 5)
    assert (row.verdict, row.clean["hired_on"]) == (Verdict.NEW, "2024-02-29")
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["problem"]) == (4, 0)
    assert batch.answers["cells"] == {"员工!5": {"hired_on": "2024-02-29"}}
    assert not [one for one in batch.reading["findings"] if one["severity"] == "problem"]
    if htmx:
        assert "确认写入 4 行" in answer.content.decode()
        assert 'hx-swap-oob="true"' in answer.content.decode()


def test_the_correction_is_written_and_holds_when_the_file_is_read_again(admin_a, batch):
    from crm_site.accounts.models import Employee

    corrections.correct(batch.pk, at(batch, 5).pk, {"hired_on": "2024-02-29"}, by=admin_a.employee)
    batch.refresh_from_db()
    again = sheets.bring(admin_a, sheets.roster([*sheets.ROSTER, BAD_DAY]))
    ImportBatch.objects.filter(pk=again.pk).update(answers={"cells": batch.answers["cells"]})
    sheets.runner.run(again.stage_job_id)
    assert at(again, 5).verdict == Verdict.NEW
    sheets.write(admin_a, batch)
    assert Employee.objects.get(number="E905").hired_on.isoformat() == "2024-02-29"


def test_what_is_still_wrong_stays_refused_and_typed(as_, admin_a, batch):
    page = send(as_(admin_a), batch, 5, hired_on="2023-02-29").content.decode()
    assert 'value="2023-02-29"' in page
    assert at(batch, 5).verdict == Verdict.PROBLEM
    batch.refresh_from_db()
    assert batch.counts["problem"] == 1


def test_a_key_that_repeats_another_row_is_refused_with_the_reason(as_, admin_a):
    batch = sheets.read(admin_a, sheets.roster([*sheets.ROSTER, ["", "钱七", "", "", "", "", "", ""]]))
    page = send(as_(admin_a), batch, 5, htmx=True, number="E901").content.decode()
    assert "第 2 行" in page
    row = at(batch, 5)
    assert (row.verdict, [one["code"] for one in row.findings]) == (Verdict.PROBLEM, ["key_twice"])
    assert 'name="cell-number"' in page  # the key can be corrected once more
    send(as_(admin_a), batch, 5, number="E999")
    assert at(batch, 5).verdict == Verdict.NEW


def test_a_suggestion_is_one_click(as_, admin_a, batch):
    batch = sheets.read(admin_a, sheets.roster([["E950", "孙八", "", "", "", 2368812345, "", ""]]))
    row = at(batch, 2)
    found = next(one for one in row.findings if one["field"] == "phone")
    assert (found["code"], found["suggestion"]) == ("phone_lost_zero", "02368812345")
    assert "改为 02368812345" in as_(admin_a).get(reverse("imports:row", args=[batch.pk, row.pk])).content.decode()
    send(as_(admin_a), batch, 2, take="phone")
    assert at(batch, 2).clean["phone"] == ["02368812345"]


def test_a_correction_is_audited_once_without_the_value(as_, admin_a, batch):
    for _ in range(2):
        send(as_(admin_a), batch, 5, hired_on="2024-02-29")
    entry = Entry.objects.get(action="import.corrected")
    assert entry.detail == {"row": 5, "fields": ["hired_on"]}


def test_a_written_batch_refuses(as_, admin_a, batch):
    pk = at(batch, 5).pk
    sheets.write(admin_a, batch)
    answer = as_(admin_a).post(reverse("imports:row", args=[batch.pk, pk]), {"cell-hired_on": "2024-02-29"})
    assert "等待确认" in answer.content.decode()
    assert StagedRow.objects.get(pk=pk).verdict == Verdict.PROBLEM


def test_too_many_corrections_are_refused_and_nothing_typed_is_lost(as_, admin_a, batch, monkeypatch):
    monkeypatch.setattr(corrections, "MOST", 0)
    page = send(as_(admin_a), batch, 5, htmx=True, hired_on="2024-02-29").content.decode()
    assert "已在这里改了 0 格" in page
    assert 'value="2024-02-29"' in page
    assert at(batch, 5).verdict == Verdict.PROBLEM


def test_a_stranger_gets_404_and_changes_nothing(as_, stranger_b, batch):
    assert send(as_(stranger_b), batch, 5, hired_on="2024-02-29").status_code == 404
    assert at(batch, 5).verdict == Verdict.PROBLEM


def test_the_list_of_refused_rows_offers_the_cells(as_, admin_a, batch):
    page = as_(admin_a).get(reverse("imports:batch", args=[batch.pk]) + "?show=problem").content.decode()
    assert 'value="2024/2/30"' in page
    assert "重新检查这一行" in page


def orders(*lines):
    """Lines of repair orders: number, day, item, labour fee."""
    header = ["工单号", "进厂日期", "VIN", "维修项目", "工时费"]
    return nasty.book([header, *([number, day, gallery.VIN, item, fee] for number, day, item, fee in lines)])


def test_a_mended_line_of_an_order_joins_its_record(admin_a):
    lines = [
        ("RO-1", "2026-11-03", "机油", 100),
        ("RO-1", "2026-11-31", "机滤", 50),
        ("RO-1", "2026-11-03", "检查", 20),
    ]
    batch = sheets.read(admin_a, orders(*lines))
    assert at(batch, 3).verdict == Verdict.PROBLEM
    corrections.correct(batch.pk, at(batch, 3).pk, {"checked_in_on": "2026-11-03"}, by=admin_a.employee)
    head, mended = at(batch, 2), at(batch, 3)
    assert (mended.verdict, mended.findings[0]["code"]) == (Verdict.SKIPPED, "merged_into")
    assert head.clean["labour_fee"] == "170.00"
    assert all(item in head.clean["items"] for item in ("机油", "机滤", "检查"))
    whole = sheets.read(admin_a, orders(*[(*line[:1], "2026-11-03", *line[2:]) for line in lines]))
    assert at(whole, 2).clean == head.clean
    batch.refresh_from_db()
    assert {name: batch.counts.get(name, 0) for name in ("new", "problem", "skipped")} == {
        "new": 1, "problem": 0, "skipped": 2,
    }  # fmt: skip


def test_correcting_the_head_of_an_order_keeps_its_lines(admin_a):
    batch = sheets.read(admin_a, orders(("RO-1", "2026-11-03", "机油", "一百"), ("RO-1", "2026-11-03", "机滤", 50)))
    corrections.correct(batch.pk, at(batch, 2).pk, {"labour_fee": "100"}, by=admin_a.employee)
    assert at(batch, 2).clean["labour_fee"] == "150.00"


def test_what_repeats_another_row_to_the_letter_is_left_out(admin_a, batch):
    row = sheets.ROSTER[0]
    batch = sheets.read(admin_a, sheets.roster([row, ["#REF!", *row[1:]]]))
    corrections.correct(batch.pk, at(batch, 3).pk, {"number": row[0]}, by=admin_a.employee)
    assert (at(batch, 3).verdict, at(batch, 3).findings[0]["code"]) == (Verdict.SKIPPED, "same_row")


def test_the_damage_list_leads_to_the_doubtful_row(as_, admin_a):
    batch = sheets.read(admin_a, sheets.roster([["E950", "孙八", "", "", "", 2368812345, "", ""]]))
    url = reverse("imports:row", args=[batch.pk, at(batch, 2).pk])
    page = as_(admin_a).get(reverse("imports:batch", args=[batch.pk]))
    assert f'href="{url}"' in page.content.decode()


@pytest.mark.parametrize("order", [(2, 3, 4), (4, 3, 2), (3, 2, 4), (2, 4, 3)])
def test_the_lines_of_an_order_mended_one_by_one_become_one_order_in_any_order(admin_a, order):
    line = {"工单号": "RO1", "开单时间": "不知", "VIN": "LSVAA4180E2000019", "维修项目": "甲"}
    lines = [{**line, "工时费": fee} for fee in (100, 50, 25)]
    batch = intake.look(admin_a, list(lines[0]), *lines)
    assert intake.verdicts(batch) == ["problem"] * 3
    for number in order:
        staged = StagedRow.objects.get(batch=batch, row=number)
        corrections.correct(batch.pk, staged.pk, {"checked_in_on": "2026-09-10"}, by=admin_a.employee)
    assert intake.verdicts(batch) == ["new", "skipped", "skipped"]
    assert StagedRow.objects.get(batch=batch, row=2).clean["labour_fee"] == "175.00"
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["skipped"], batch.counts["problem"]) == (1, 2, 0)


def test_a_good_line_joins_the_line_above_it_once_that_is_mended(admin_a):
    good = {"工单号": "RO1", "开单时间": "2026-09-10", "VIN": "LSVAA4180E2000019", "维修项目": "甲", "工时费": 50}
    batch = intake.look(admin_a, list(good), {**good, "开单时间": "不知", "工时费": 100}, good)
    staged = StagedRow.objects.get(batch=batch, row=2)
    corrections.correct(batch.pk, staged.pk, {"checked_in_on": "2026-09-10"}, by=admin_a.employee)
    assert intake.verdicts(batch) == ["new", "skipped"]
    assert StagedRow.objects.get(batch=batch, row=2).clean["labour_fee"] == "150.00"
