"""What a file leaves open is asked once: dates, words, names, amounts; obeyed, kept, and never guessed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core import names
from crm_site.imports.models import BatchState, ImportBatch, KnownSource, StagedRow, Verdict
from crm_site.jobs import runner
from tests.factories import EmployeeFactory
from tests.imports import sheets

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["zh-hans", "en"])
ORDER = ["工单号", "进厂日期", "车架号", "维修类别", "服务顾问", "维修项目", "工时费"]


def orders(*rows, first=0):
    """A workbook of repair orders; each row is (day, job type, advisor)."""
    lines = [
        [f"RO{first + place:05d}", day, f"LSVAU2A37N21{first + place:05d}", job, who, "保养", 100]
        for place, (day, job, who) in enumerate(rows)
    ]
    return sheets.workbook(("工单", [ORDER, *lines]))


def dated(*days):
    return orders(*[(day, "首保", "") for day in days])


def asked(batch, kind):
    return next((one for one in batch.questions if one["kind"] == kind), None)


def reply(client, batch, remember=True, **answers):
    """Answer as the preview's form does; `answers` are {kind: {place of the word or '': answer}}."""
    data = {"reading": batch.answers.get("readings", 0)} | ({"remember": "on"} if remember else {})
    for place, one in enumerate(batch.questions):
        for word, answer in answers.get(one["kind"], {}).items():
            data[f"q{place}" if word == "" else f"q{place}_{[each[0] for each in one['words']].index(word)}"] = answer
    answer = client.post(reverse("imports:answer", args=[batch.pk]), data)
    batch.refresh_from_db()
    if batch.state == BatchState.READING:
        runner.run(batch.stage_job_id)
        batch.refresh_from_db()
    return answer


def days(batch):
    rows = StagedRow.objects.filter(batch=batch).order_by("pk")
    return [row.clean.get("checked_in_on") for row in rows]


MIXED = ["17/11/2026", "05/11/2026", "03/03/2026", "2026-11-09"]


def test_an_ambiguous_order_of_dates_is_asked_with_its_evidence_and_never_guessed(as_, admin_a):
    batch = sheets.read(admin_a, dated(*MIXED))
    assert days(batch) == ["2026-11-17", None, "2026-03-03", "2026-11-09"]
    question = asked(batch, "date_order")
    assert (question["field"], question["count"], question["only"]) == ("checked_in_on", 1, {"dmy": 1})
    shown = as_(admin_a).get(reverse("imports:batch", args=[batch.pk])).content.decode()
    assert "1 格只能按“日/月/年”读" in shown
    assert "整列按 月/日/年" in shown
    assert batch.counts == batch.counts | {"new": 3, "problem": 1}


ANSWERS = [
    ("dmy", ["2026-11-17", "2026-11-05", "2026-03-03", "2026-11-09"], 0),
    ("mdy", [None, "2026-05-11", "2026-03-03", "2026-11-09"], 1),
    ("blank", ["2026-11-17", None, "2026-03-03", "2026-11-09"], 1),
]


@pytest.mark.parametrize(("answer", "read", "refused"), ANSWERS)
def test_the_order_that_a_person_says_holds_for_the_column(as_, admin_a, answer, read, refused):
    batch = sheets.read(admin_a, dated(*MIXED))
    reply(as_(admin_a), batch, date_order={"": answer})
    assert days(batch) == read
    assert batch.counts.get("problem", 0) == refused
    assert asked(batch, "date_order") is None


def test_a_column_of_two_orders_is_asked_about_even_if_no_cell_is_ambiguous(as_, admin_a):
    batch = sheets.read(admin_a, dated("17/11/2026", "16/11/2026", "11/18/2026"))
    assert days(batch) == ["2026-11-17", "2026-11-16", "2026-11-18"]
    assert (asked(batch, "date_order")["count"], asked(batch, "date_order")["only"]) == (0, {"dmy": 2, "mdy": 1})
    assert "0 格两种读法" not in as_(admin_a).get(reverse("imports:batch", args=[batch.pk])).text
    reply(as_(admin_a), batch, date_order={"": "dmy"})
    assert (days(batch), batch.questions) == (["2026-11-17", "2026-11-16", None], [])


def test_unambiguous_days_ask_nothing(admin_a):
    assert sheets.read(admin_a, dated("17/11/2026", "2026/3/5", "2026年3月5日", 46000)).questions == []


def test_unknown_words_of_a_list_are_asked_and_obeyed(as_, admin_a):
    rows = [("2026-11-01", job, "") for job in ("首保", "四轮定位", "四轮定位", "抛光打蜡")]
    client, batch = as_(admin_a), sheets.read(admin_a, orders(*rows))
    assert [word[:2] for word in asked(batch, "value")["words"]] == [["四轮定位", 2], ["抛光打蜡", 1]]
    reply(client, batch, value={"四轮定位": "general", "抛光打蜡": "-"})
    found = StagedRow.objects.filter(batch=batch).order_by("pk")
    assert [row.clean["job_type"] for row in found] == ["first_service", "general", "general", None]
    assert batch.questions == []

    again = sheets.read(admin_a, orders(*rows, ("2026-11-02", "贴膜", ""), first=100))
    assert [word[0] for word in asked(again, "value")["words"]] == ["贴膜"]
    assert again.answers["values"]["job_type"]["四轮定位"] == "general"


def test_one_answer_leaves_the_others_open(as_, admin_a):
    rows = [("05/11/2026", "四轮定位", ""), ("06/11/2026", "抛光打蜡", "")]
    client, batch = as_(admin_a), sheets.read(admin_a, orders(*rows))
    reply(client, batch, date_order={"": "dmy"})
    reply(client, batch, value={"四轮定位": "general"})
    assert days(batch) == ["2026-11-05", "2026-11-06"]
    assert [word[0] for word in asked(batch, "value")["words"]] == ["抛光打蜡"]


def test_a_name_is_said_once_and_known_in_the_next_file(as_, admin_a):
    advisor = EmployeeFactory(store=admin_a.store, name="李明")
    rows = [("2026-11-01", "首保", "李工"), ("2026-11-01", "首保", "老外请的")]
    client, batch = as_(admin_a), sheets.read(admin_a, orders(*rows))
    page = client.get(reverse("imports:batch", args=[batch.pk])).content.decode()
    assert "可能是" in page
    reply(client, batch, employee={"李工": str(advisor.pk), "老外请的": "text"})
    assert batch.questions == []
    assert batch.answers["employee"] == {"李工": advisor.pk, "老外请的": None}
    assert not any(one["code"].startswith("employee") for row in batch.rows.all() for one in row.findings)

    again = sheets.read(admin_a, orders(*rows, first=200))
    assert again.questions == []
    sheets.write(admin_a, again)
    from customers.models import RepairOrder

    found = RepairOrder.objects.filter(order_number__startswith="RO002").order_by("order_number")
    assert [order.service_advisor_id for order in found] == [advisor.pk, None]


def test_nobody_of_another_store_is_offered_or_taken(as_, admin_a, store_b):
    stranger = EmployeeFactory(store=store_b, name="李明明")
    client, batch = as_(admin_a), sheets.read(admin_a, orders(("2026-11-01", "首保", "李工")))
    assert "李明明" not in client.get(reverse("imports:batch", args=[batch.pk])).content.decode()
    reply(client, batch, employee={"李工": str(stranger.pk)})
    assert (batch.answers, KnownSource.objects.count()) == ({}, 0)


LINES = [["RO1", "2026-11-01", "LSVAU2A37N2100001", "首保", "", item, 100] for item in ("机油", "机滤", "工时")]


@pytest.mark.parametrize(("answer", "amount"), [("", "100.00"), ("header", "100.00"), ("sum", "300.00")])
def test_repeated_amounts_of_one_order_are_asked_for(as_, admin_a, answer, amount):
    batch = sheets.read(admin_a, sheets.workbook(("工单", [ORDER, *LINES])))
    assert asked(batch, "amounts")["count"] == 1
    if answer:
        reply(as_(admin_a), batch, amounts={"": answer})
        assert batch.questions == []
    row = StagedRow.objects.get(batch=batch, verdict=Verdict.NEW)
    assert row.clean["labour_fee"] in (amount, amount.removesuffix(".00"))


def test_amounts_that_differ_are_summed_without_a_question(admin_a):
    lines = [[*line[:-1], 100 + place] for place, line in enumerate(LINES)]
    batch = sheets.read(admin_a, sheets.workbook(("工单", [ORDER, *lines])))
    assert batch.questions == []
    assert StagedRow.objects.get(batch=batch, verdict=Verdict.NEW).clean["labour_fee"].startswith("303")


def test_answers_to_an_earlier_reading_are_not_taken(as_, admin_a):
    client, batch = as_(admin_a), sheets.read(admin_a, dated(*MIXED))
    stale = ImportBatch.objects.get(pk=batch.pk)
    reply(client, batch, value={}, date_order={"": "dmy"})
    before = batch.answers
    reply(client, stale, date_order={"": "mdy"})
    batch.refresh_from_db()
    assert batch.answers == before


@pytest.mark.parametrize("answer", ["nonsense", ""])
def test_an_answer_that_is_not_offered_changes_nothing(as_, admin_a, answer):
    batch = sheets.read(admin_a, dated(*MIXED))
    reply(as_(admin_a), batch, date_order={"": answer})
    assert (batch.state, batch.answers) == (BatchState.PREVIEW, {})


@LANGUAGES
def test_the_questions_are_drawn_above_the_findings(as_, admin_a, language):
    batch = sheets.read(admin_a, orders(("05/11/2026", "四轮定位", "李工"), ("06/11/2026", "首保", "王师傅")))
    page = as_(admin_a, language).get(reverse("imports:batch", args=[batch.pk])).content.decode()
    assert 0 < page.index('id="questions"') < page.index('id="findings-title"')
    assert page.count("btn-primary") == 1


def test_more_names_need_no_more_queries(as_, admin_a):
    client, counts = as_(admin_a), []
    for number in (3, 30):
        rows = [("2026-11-01", "首保", f"某{chr(0x4E00 + place)}{chr(0x5E00 + place)}") for place in range(number)]
        batch = sheets.read(admin_a, orders(*rows))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("imports:batch", args=[batch.pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1]


ALIKE = [
    ("李工", "李明", True), ("小李", "李明", False), ("李师傅", "李明", True), ("李名", "李明", True),
    ("Li Ming", "李明", True), ("李", "李明", True), ("王明", "李明", True), ("张三", "李明", False),
    ("欧阳经理", "欧阳娜娜", True), ("李小明", "李明", False), ("", "李明", False),
]  # fmt: skip


@pytest.mark.parametrize(("written", "name", "alike"), ALIKE)
def test_who_may_be_meant(written, name, alike):
    assert names.may_be(written, name) is alike


def test_a_wrong_answer_is_taken_back_and_asked_again_even_when_it_was_kept(as_, admin_a):
    client, batch = as_(admin_a), sheets.read(admin_a, dated(*MIXED))
    reply(client, batch, date_order={"": "mdy"})
    again = sheets.read(admin_a, dated(*MIXED))
    assert days(again)[1] == "2026-05-11"
    form = client.get(reverse("imports:columns", args=[again.pk])).context["form"]
    data = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in data.items() if value not in (None, False, "")}
    assert [field.label for field in form.ticks] == ["进厂日期 → 整列按 月/日/年"]
    client.post(reverse("imports:columns", args=[again.pk]), sent | {"forget_0": "on"})
    again.refresh_from_db()
    runner.run(again.stage_job_id)
    again.refresh_from_db()
    assert (days(again)[1], asked(again, "date_order")["count"]) == (None, 1)


@pytest.mark.parametrize(("meant", "value"), [("yes", True), ("no", False), ("", None)])
def test_what_a_word_means_in_a_column_of_yes_and_no(meant, value):
    from crm_site.imports.cleaning import Cleaner
    from crm_site.imports.layout import YESNO, Field
    from tests.imports.test_matching import one

    answers = {"values": {"insured": {"挂靠": meant}}}
    row = Cleaner(one(Field("insured", "Insured", ("投保",), YESNO)), {0: "insured"}, answers=answers).row(
        ["挂靠"], sheet="", number=2
    )
    assert (row.values["insured"], [found["code"] for found in row.findings]) == (value, [])


@pytest.mark.parametrize("gone", [True, False])
def test_a_kept_answer_that_names_nobody_of_ours_any_more_is_asked_again(as_, admin_a, store_b, gone):
    key = 10**9 if gone else EmployeeFactory(store=store_b, name="江雨薇").pk
    KnownSource.objects.filter(store=admin_a.store).delete()
    first = sheets.read(admin_a, orders(("2026-11-09", "首保", "小江")))
    ours = EmployeeFactory(store=admin_a.store, name="江雨薇")
    reply(as_(admin_a), first, employee={"小江": str(ours.pk)})
    kept = KnownSource.objects.get(store=admin_a.store)
    kept.answers["employee"] = {"小江": key}
    kept.save(update_fields=["answers"])
    second = sheets.write(admin_a, sheets.read(admin_a, orders(("2026-11-10", "首保", "小江"), first=5)))
    assert asked(second, "employee")["words"][0][0] == "小江"
    assert second.state == BatchState.APPLIED


def test_a_kept_answer_that_is_no_choice_any_more_is_asked_again(as_, admin_a):
    first = sheets.read(admin_a, orders(("2026-11-09", "怪活", "")))
    reply(as_(admin_a), first, value={"怪活": "general"})
    kept = KnownSource.objects.get(store=admin_a.store)
    kept.answers["values"] = {"job_type": {"怪活": "abolished"}}
    kept.save(update_fields=["answers"])
    second = sheets.read(admin_a, orders(("2026-11-10", "怪活", ""), first=5))
    assert asked(second, "value")["words"][0][0] == "怪活"
