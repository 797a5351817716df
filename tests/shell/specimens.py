"""One filled-in example of every component: what the tests render and what the style guide shows."""

from datetime import UTC, datetime

from django import forms

from crm_site.core.timeline import Event

LONG = "重庆市嘉陵江新能源汽车物流运输服务有限责任公司渝北分公司"


class SpecimenForm(forms.Form):
    """A form with one of each kind of field."""

    title = forms.CharField(label="方案标题", max_length=10)
    amount = forms.DecimalField(label="补偿金额（元）", required=False, help_text="超过 500 元须客服经理批准")
    cause = forms.ChoiceField(label="原因分类", choices=[("", "请选择"), ("service", "服务表现不佳或失误")])
    agreed = forms.BooleanField(label="客户同意", required=False)
    files = forms.FileField(label="附件", required=False)
    words = forms.CharField(label="解决方案", widget=forms.Textarea(attrs={"rows": 3}))


def form() -> SpecimenForm:
    """The form as it comes back with mistakes."""
    bound = SpecimenForm({"title": "超过十个字的标题写在这里", "amount": "12,0", "words": ""})
    bound.add_error(None, "没有保存：金额不是数字。")
    return bound


LOW = {
    "reason_name": "why11",
    "reason": "换完刹车片第二天低速踩下去还是吱吱响。",
    "decision_name": "d11",
    "decision": "grievance",
    "decisions": [("solved", "当场解决"), ("grievance", "转抱怨单"), ("complaint", "升级投诉"), ("none", "客户不追究")],
    "note": "保存后开出抱怨单 L1：维修质量 / 未修复。",
    "error": "",
}
FIGURES = [
    {"label": "全部待访", "value": 49, "note": "今天完成 47，共 96", "url": "?", "current": True, "wide": True},
    {
        "label": "约定回拨",
        "value": 6,
        "note": "最近 14:30",
        "url": "?k=1",
        "kind": "accent",
        "icon": "clock",
        "wide": True,
    },
    {"label": "已逾期", "value": 5, "note": "最久 2 天", "url": "?k=2", "kind": "bad", "icon": "exclamation-octagon"},
    {"label": "今天到期", "value": 31, "note": "满意度回访 22", "url": "?k=3", "icon": "calendar-check"},
    {"label": "今日截止", "value": None, "note": "过了今天算未及时", "kind": "warn", "icon": "hourglass-split"},
]
EVENTS = [
    {"title": "期限用去 50%", "when": "今天 13:40", "icon": "bell", "kind": "warn", "body": "系统提醒 何志远，仅一次"},
    {
        "title": "抱怨 BY-1109-004",
        "url": "#",
        "when": "11-09 10:05",
        "icon": "chat-left-text",
        "kind": "bad",
        "status": {"word": "处理中", "kind": "now"},
        "quote": "说好三天，配件到现在还没来。",
        "body": LONG,
    },
    Event(datetime(2025, 3, 11, 1, 0, tzinfo=UTC), "car-front", "交车", body="销售顾问 江雨薇", day_only=True),
]
STEPS = [
    {"word": "听投诉", "note": "11-18 16:40 登记", "state": "done"},
    {"word": "分析原因", "note": "11-19 17:30 完成", "state": "done"},
    {"word": "找方案", "note": "等待主管确认", "state": "now"},
    {"word": "传达", "note": "告知客户", "state": ""},
    {"word": "处理", "note": "然后二次回访", "state": ""},
    {"word": "检讨", "note": "L2 可不写", "state": ""},
]
DEADLINE = {
    "label": "已计 12 小时 42 分，暂停 4 小时，剩余 11 小时 18 分",
    "blocks": [
        {"x": 0.9, "width": 21.1, "kind": "counted"},
        {"x": 24.2, "width": 5.2, "kind": "paused"},
        {"x": 34.9, "width": 19.3, "kind": "closed"},
        {"x": 54.4, "width": 7.7, "kind": "counted"},
        {"x": 62.2, "width": 34.6, "kind": "remaining"},
    ],
    "marks": [
        {"x": 0.9, "word": "周三 16:40 受理", "kind": "start", "side": "start"},
        {"x": 42.9, "word": "11-20 周五", "kind": "day"},
        {"x": 62.2, "word": "现在 14:22", "kind": "now", "side": "end"},
        {"x": 96.8, "word": "截止 周六 16:10", "kind": "end", "side": "end"},
    ],
}
STAGES = [
    {"word": "写入客户与车辆", "note": "79 条，0.4 秒", "state": "done"},
    {"word": "写入维修工单", "note": "800 / 1,290", "state": "now"},
    {"word": "旧表", "note": "读不出", "state": "bad"},
    {"word": "生成回访", "note": "预计 214 个", "state": ""},
]
TABLE = {
    "columns": ["员工", "台次", "直接"],
    "rows": [
        {"label": "罗雪", "url": "#", "cells": [{"text": "142"}, {"text": "1", "url": "#"}]},
        {"label": "段子涵", "cells": [{"text": "131"}, {"text": "0"}]},
    ],
    "total": {"label": "合计", "cells": [{"text": "273"}, {"text": "1"}]},
    "caption": "每人一行",
}
RESULTS = [
    {
        "title": "已接通",
        "note": "",
        "results": [
            {"code": "success", "letter": "C", "label": "成功完成"},
            {"code": "cut", "letter": "D", "label": "中途中断"},
            {"code": "later", "letter": "Y", "label": "改约"},
        ],
    },
    {"title": "未接通", "note": "会再排", "results": [{"code": "none", "letter": "", "label": "无人接听"}]},
]
FILTERS = {
    "fields": [
        {"name": "rule", "label": "规则", "value": "3", "options": [("", "全部规则"), (3, "维修后 3 日满意度")]},
        {"name": "since", "label": "从", "value": "2026-11-01", "type": "date"},
    ],
    "hidden": [("tab", "due")],
    "chips": [{"label": "车系：远岚 E5", "url": "?tab=due"}],
    "clear_url": "?",
}

# component -> examples of its variables; every component but the shell's own parts stands here
SPECIMENS: dict[str, list[dict]] = {
    "attachments": [{"files": [{"name": "厂家邮件.pdf", "url": "#", "size": 48_213, "note": "温静，昨天 13:50"}]}],
    "cell_error": [
        {
            "row": 56,
            "column": "车架号",
            "name": "c56",
            "value": "LYL8E5A1XR1O04217",
            "reason": "第 13 位是字母 O，车架号里没有 O。",
            "repair": "LYL8E5A1XR1004217",
            "repair_name": "fix56",
        }
    ],
    "chart": [
        {
            "wide": "/static/img/mark.svg",
            "narrow": "/static/img/mark.svg",
            "alt": "投诉次数",
            "open": True,
            **TABLE,
            "caption": "投诉次数",
        }
    ],
    "chip": [{"label": "车系：远岚 E5", "url": "?"}],
    "choice": [
        {"name": "c", "options": [("a", "整列按 日/月/年"), ("b", "两可的留空")], "value": "a", "label": "日期"}
    ],
    "confidence": [
        {"sure": {"words": "高", "kind": "ok", "width": 36}},
        {"sure": {"words": "无对应", "kind": "", "width": 0}},
    ],
    "consequences": [{"items": [{"text": "生成 214 个回访"}, {"text": "整批可以撤销", "kind": "ok"}]}],
    "crumbs": [{"crumbs": [{"label": "投诉", "url": "#"}, {"label": "TS-1118-007"}]}],
    "deadline": [DEADLINE],
    "diff": [{"old": "", "new": "2026-11-04 11:20"}, {"old": "李工", "new": None}],
    "diff_row": [
        {
            "row": 128,
            "record": "RO-1103-0017",
            "url": "#",
            "sub": "渝A·9K37T",
            "field": "结算时间",
            "old": "",
            "new": "2026-11-04 11:20",
            "effect": "生成维修后 3 日回访",
        }
    ],
    "dl": [{"rows": [{"term": "客户", "text": LONG, "url": "#"}, {"term": "里程", "text": None, "num": True}]}],
    "empty": [
        {
            "icon": "check2-circle",
            "title": "没有超时的投诉",
            "text": "你手上还有 4 张未结工单。",
            "url": "#",
            "link": "看全部未结 4 张",
            "url2": "?",
            "link2": "清除筛选",
        }
    ],
    "factor": [{"title": "服务过程", "weight": 35, "answered": 6, "total": 7, "score": "86.66"}],
    "field": [{"field": "title"}],
    "figs": [{"figures": FIGURES, "label": "按类别查看"}],
    "figs_inside": [{"figure": FIGURES[1]}],
    "filters": [FILTERS],
    "finding": [
        {
            "kind": "warn",
            "title": "日期先后不明",
            "text": "37 行只能按“日/月/年”读",
            "count": "500 格",
            "evidence": [{"text": "27/11/2026", "where": "第 18 行"}],
            "name": "order",
            "options": [("dmy", "整列按 日/月/年"), ("blank", "两可的留空")],
            "value": "dmy",
        }
    ],
    "foot": [
        {
            "strong": "确认后写入 1,290 行",
            "text": "：新增 1,204，变更 86。",
            "submit": "确认写入 1,290 行",
            "url": "#",
            "link": "返回列对应",
        },
        {"strong": "还有 1 个问题没有回答", "submit": "确认写入", "blocked": "先回答“日期先后不明”。", "form": "apply"},
    ],
    "form_fields": [{"form": "form"}],
    "frozen": [{"word": "已发布，冻结", "kind": "ok", "items": [{"term": "发布", "text": "温静，2026-11-01 08:02"}]}],
    "funnel": [
        {
            "rows": [
                {"word": "应访", "count": 642, "url": "#", "share": 1},
                {"word": "有效", "count": 412, "share": 0.642, "strong": True},
            ]
        }
    ],
    "heat_cells": [
        {"cells": [{"value": "78", "band": "bad", "url": "#", "n": 31}, {"value": None}, {"value": 91, "band": "ok"}]},
    ],
    "key_sheet": [
        {
            "id": "keys",
            "title": "快捷键",
            "groups": [{"title": "打分", "rows": [{"keys": ["1", "…", "0"], "word": "1 到 10 分，跳到下一题"}]}],
        }
    ],
    "keys": [{"rows": [{"keys": ["Ctrl", "Enter"], "word": "保存并取下一个"}]}],
    "legend": [{"items": [{"word": "应访", "kind": "accent2"}, {"word": "超出能力", "kind": "bad"}]}],
    "meter": [{"value": 18, "total": 22, "label": "档案完整率", "kind": "ok", "note": "还缺 4 项"}],
    "messages": [{"messages": []}],
    "note": [
        {"kind": "warn", "title": "不接受营销电话", "text": "2026-03-02 提出。", "url": "#", "link": "修改意愿"},
        {"kind": "bad", "text": "工号或密码不对。"},
        {"kind": "ok", "text": "对得上"},
        {"text": LONG},
    ],
    "number_table": [TABLE],
    "pad": [
        {"name": "result", "value": "success", "groups": RESULTS},
        {"name": "r2", "groups": RESULTS, "error": "选一个。"},
    ],
    "pagination": [{"shown": 10, "total": 49, "more_url": "?n=49", "more": 39, "next_url": "?after=7"}, {"shown": 0}],
    "panel_head": [{"title": "未来 7 天", "note": "全组应访 / 可拨能力", "url": "#", "link": "数字表"}],
    "person": [{"name": "何志远", "role": "处理人，售后主管", "url": "#", "link": "改派"}],
    "progress": [
        {"done": 800, "total": 1290, "percent": 62, "note": "每秒 160 行", "label": "写入进度", "stages": STAGES},
        {"id": "p2", "url": "/poll", "done": 0, "total": 0, "percent": 0, "label": "写入进度"},
    ],
    "question": [
        {"number": 11, "text": "故障一次解决", "name": "q11", "value": 4, "low": LOW},
        {"number": 1, "text": "环境整洁", "name": "q1", "value": "9", "weight": 5},
        {"number": 15, "text": "收费讲解透明", "name": "q15", "current": True, "error": "还没有回答。"},
        {"number": 19, "text": "推荐意愿", "name": "q19", "start": 0, "end": 10, "low_max": -1, "no_na": True},
    ],
    "question_low": [{"name": "q11", "low": LOW}],
    "take_out": [{"url": "/satisfaction/responses/workbook/", "query": "month=2026-10", "csrf_token": "token"}],
    "saved_views": [
        {
            "menu": {
                "rows": [
                    {"name": LONG, "url": "#", "query": "kind=service", "is_own": True, "is_shared": True, "owner": ""},
                    {
                        "name": "三个月",
                        "url": "#",
                        "query": "span=3",
                        "is_own": False,
                        "is_shared": True,
                        "owner": "温静",
                    },
                ],
                "page": "satisfaction:dashboard",
                "query": "span=3",
                "store": 1,
                "current": None,
            },
            "csrf_token": "x",
        },
        {"menu": {"rows": [], "page": "", "query": "", "store": "", "current": None}, "csrf_token": "x"},
    ],
    "score": [
        {
            "value": "88.64",
            "low": "87.6",
            "high": "89.6",
            "n": 412,
            "url": "#",
            "band": "warn",
            "band_word": "80–89.9 黄",
        },
        {"value": None, "n": 7},
    ],
    "score_chip": [
        {"value": "91.25", "low": 89, "high": 93, "n": 24, "url": "#", "band": "ok", "few": True},
        {"value": None},
    ],
    "stages": [{"stages": STAGES}],
    "status": [
        {"word": "待回访"},
        {"word": "处理中", "kind": "now"},
        {"word": "已关闭", "kind": "ok"},
        {"word": "今日截止", "kind": "warn", "icon": "hourglass-split"},
        {"word": "逾期 2 天", "kind": "bad"},
        {"word": "待厂家", "kind": "pause"},
        {"word": "A 类", "kind": "line", "icon": "tag", "title": "昨夜重算"},
    ],
    "steps": [{"steps": STEPS}],
    "tabs": [
        {
            "label": "往来",
            "tabs": [{"label": "全部", "count": 23, "url": "#", "current": True}, {"label": "回访", "url": "#"}],
        }
    ],
    "timeline": [{"events": EVENTS}, {"events": EVENTS, "log": True}],
    "toast": [{"title": "交车明细 11 月.xlsx 已导入", "text": "新增 96，拒绝 0。", "url": "#", "link": "查看结果"}],
    "week": [
        {
            "days": [
                {
                    "label": "今天",
                    "url": "#",
                    "people": "3 人",
                    "due": 286,
                    "capacity": 300,
                    "share": 0.8,
                    "limit": 0.83,
                    "today": True,
                },
                {
                    "label": "周一",
                    "url": "#",
                    "people": "3 人",
                    "due": 342,
                    "capacity": 300,
                    "share": 0.95,
                    "limit": 0.83,
                    "over": "超 42",
                },
            ]
        }
    ],
    "whisker": [{"value": "91.4", "low": "89.4", "high": "93.4", "mean": "88.6", "start": 76, "end": 96}],
}


def variables(name: str, values: dict) -> dict:
    """A copy of the example (tags write into it), with the form put in where it says so."""
    if name == "form_fields":
        return {"form": form()}
    if name == "field":
        return {"field": form()["title"]}
    return dict(values)
