"""Past revisits: the list of calls that were made before the system was here."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Store
from crm_site.imports.layout import (
    CHOICE,
    CODE,
    EMPLOYEE,
    MOMENT,
    NAME,
    PHONE,
    PLATE,
    TEXT,
    VIN,
    Context,
    Field,
    Judgement,
    Layout,
    Row,
)
from customers.layouts.glue import NAME_TITLES, PHONE_TITLES, PLATE_TITLES, VIN_TITLES
from revisits.actions import past
from revisits.models import CallResult, Channel
from revisits.past import natural_of
from revisits.rules.past import RESULT_WORDS

CHANNELS = {
    "电话": Channel.PHONE.value, "电话回访": Channel.PHONE.value, "去电": Channel.PHONE.value,
    "来电": Channel.INCOMING.value, "客户来电": Channel.INCOMING.value, "微信": Channel.WECHAT.value,
    "企业微信": Channel.WECHAT.value, "短信": Channel.SMS.value, "面访": Channel.FACE.value,
    "当面": Channel.FACE.value, "上门": Channel.FACE.value, "到店": Channel.FACE.value,
}  # fmt: skip


def results(store: Store) -> dict[str, str]:
    """What a list may write for each call result of a store: its own names first, then the usual words."""
    rows = sorted(CallResult.objects.for_store(store.pk).filter(is_active=True), key=lambda row: row.store_id or 0)
    by_code = {row.code: row for row in rows}
    own = {word: row.code for row in by_code.values() for word in (row.label_zh, row.label_en) if word}
    return own | {word: code for word, code in RESULT_WORDS.items() if code in by_code and word not in own}


def finish(row: Row) -> None:
    """Refuse a call of which nothing says to whom it was made."""
    if row.get("called_at") and natural_of(row) is None:
        row.problem("past_to_whom", "phone")


def compare(ctx: Context, rows: Sequence[Row]) -> list[Judgement]:
    """A verdict for each row, by a fixed number of queries."""
    for row in rows:
        _check_day(ctx, row)
    return past.compare(ctx, rows)


def apply(ctx: Context, judged: Sequence[Judgement]) -> dict[str, int]:
    """Write the calls."""
    past.save(ctx, judged)
    return {}


def _check_day(ctx: Context, row: Row) -> None:
    """Refuse a call that is still to be made; one made since we began here may be on record already."""
    if row.is_refused or not row.get("called_at"):
        return
    day = row.get("called_at").date()
    if day > ctx.today:
        row.problem("date_future", "called_at", day)
    elif day >= ctx.store.go_live_on:
        row.warn("past_since_start", "called_at", day)


PAST_REVISITS = Layout(
    code="past_revisits",
    label=_("Past revisits"),
    fields=(
        Field(
            "called_at",
            _("Called at"),
            ("回访时间", "回访日期", "拨打时间", "通话时间", "呼叫时间", "联系时间", "回访日"),
            MOMENT,
            required=True,
        ),
        Field(
            "caller",
            _("Caller"),
            ("回访人", "回访专员", "回访员", "回访人员", "拨打人", "客服专员", "坐席", "客服", "跟踪人"),
            EMPLOYEE,
            max_length=60,
        ),
        Field("name", _("Customer"), NAME_TITLES, NAME, max_length=80, strict=False),
        Field("phone", _("Phone"), ("回访电话", "拨打号码", *PHONE_TITLES), PHONE, strict=False),
        Field(
            "kind",
            _("Kind of call"),
            ("回访类型", "回访类别", "回访项目", "回访规则", "任务类型", "回访种类", "跟踪类型", "回访主题"),
            TEXT,
            max_length=60,
        ),
        Field(
            "result",
            _("Call result"),
            ("回访结果", "呼叫结果", "通话结果", "联系结果", "拨打结果", "结果", "接通情况", "回访状态"),
            CHOICE,
            choices=results,
            words_in="result_text",
            strict=False,
        ),
        Field(
            "channel",
            _("Channel"),
            ("回访方式", "沟通方式", "回访渠道", "跟踪方式"),
            CHOICE,
            choices=CHANNELS,
            strict=False,
        ),
        Field(
            "score",
            _("Mark"),
            ("满意度", "总体满意度", "满意度评价", "综合评价", "评价", "各项评价", "评分", "得分", "回访评分"),
            TEXT,
            max_length=60,
        ),
        Field(
            "words",
            _("Words of the customer"),
            (
                "客户原话",
                "客户反馈",
                "客户意见",
                "不满项目及原话",
                "不满意项",
                "意见建议",
                "客户建议",
                "疑问/抱怨/投诉",
            ),
            TEXT,
            max_length=1000,
        ),
        Field(
            "note",
            _("Note"),
            ("备注", "回访内容", "回访记录", "回访备注", "通话内容", "处理结果", "说明"),
            TEXT,
            max_length=1000,
        ),
        Field("order_number", _("Order number"), ("工单号", "维修单号", "委托书号", "RO号"), CODE, max_length=40),
        Field("plate_no", _("Plate"), PLATE_TITLES, PLATE, max_length=12, strict=False),
        Field("vin", _("VIN"), VIN_TITLES, VIN, strict=False),
        Field("number", _("Call number"), ("回访编号", "回访单号", "记录编号", "回访流水号"), CODE, max_length=40),
        Field("result_text", _("Result as written"), ("结果原文",), TEXT, max_length=60),
    ),
    one_of=(
        ("phone", "vin", "plate_no", "order_number", "name"),
        ("result", "caller", "kind", "score", "channel", "words", "note"),
    ),
    key=natural_of,
    finish=finish,
    compare=compare,
    apply=apply,
    follows=_("They are kept as past calls on the cards; no revisits come of them."),
)
