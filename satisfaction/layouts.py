"""外部满意度: the list of what a manufacturer or institute measured, one score of one survey and period a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from crm_site.core import text
from crm_site.imports.layout import CHOICE, DECIMAL, INT, TEXT, Context, Field, Judgement, Layout, Row
from crm_site.imports.rules import header_key
from satisfaction.actions import external
from satisfaction.rules.external import OVERALL, SCALES, parse_period

SCALE_WORDS = {
    "百分制": "100", "100分制": "100", "100": "100", "满分100": "100", "十分制": "10", "10分制": "10", "10": "10",
    "满分10": "10", "千分制": "1000", "1000分制": "1000", "1000": "1000", "满分1000": "1000",
}  # fmt: skip
#: columns that say their scale in the title: field → scale
SCALED = {f"score_{scale}": scale for scale in SCALES}

_RANK = re.compile(r"(?:第\s*)?(\d{1,6})\s*(?:名|位)?(?:\s*[/／]\s*(\d{1,6})\s*(?:名|家|店)?)?")


def key(row: Row) -> str | None:
    """Survey, period and factor; '' is the whole."""
    if not row.get("survey") or not row.get("period"):
        return None
    return f"{row.get('survey')}|{row.get('period')}|{row.get('factor') or ''}"


def finish(row: Row) -> None:
    """Read period, rank and the column with the score; say what cannot be read for certain."""
    _read_factor(row)
    _read_period(row)
    _read_score(row)
    _read_rank(row)


def _read_factor(row: Row) -> None:
    """总分 and the like are the whole, which has no factor."""
    written = row.get("factor")
    if written and header_key(written) in OVERALL:
        row.values["factor"] = None
        row.mended("factor_overall", "factor", written)


def _read_period(row: Row) -> None:
    written = row.get("period")
    if not written:
        return
    found = parse_period(text.half_width(written), row.get("year"))
    if found is None:
        row.problem("period_unclear", "period", written)
        return
    row.values["period"] = found.code
    if re.fullmatch(r"\d{4}-\d\d-\d\d.*", written):
        row.mended("period_of_day", "period", written, new=found.code)


def _read_score(row: Row) -> None:
    """One score and its scale, from whichever column has it."""
    scaled = [(row.values.pop(name, None), scale) for name, scale in SCALED.items()]
    told: list[tuple[Decimal, int | None]] = [(score, scale) for score, scale in scaled if score is not None]
    if row.get("score") is not None:
        told.append((row.get("score"), int(row.get("scale")) if row.get("scale") else None))
    if len(told) != 1:
        row.problem("scores_several" if told else "required", "score")
        return
    row.values["score"], scale = told[0]
    row.values["scale"] = str(scale) if scale else None


def _read_rank(row: Row) -> None:
    """第3名, 3 or 3/15; a date is what a spreadsheet has made of 3/15."""
    written = row.get("rank")
    if not written:
        return
    match = _RANK.fullmatch(text.half_width(written))
    if match is None:
        row.values["rank"] = None
        row.warn("rank_unclear", "rank", written)
        return
    row.values["rank"] = match[1]
    if match[2] and not row.get("rank_of"):
        row.values["rank_of"] = int(match[2])


def compare(ctx: Context, rows: Sequence[Row]) -> list[Judgement]:
    """A verdict for each row; what is another store's, or has no certain scale, is refused."""
    for row in rows:
        _check_store(ctx, row)
        _check_past(ctx, row)
    external.settle_scales(ctx, rows)
    for row in rows:
        _check_numbers(row)
    return external.compare(ctx.store.pk, rows)


def apply(ctx: Context, judged: Sequence[Judgement]) -> dict[str, int]:
    """Write the results."""
    external.save(ctx, judged)
    return {}


def _check_store(ctx: Context, row: Row) -> None:
    """Refuse a row that is about another store than the one for which the file was brought."""
    named, store = row.get("store"), ctx.store
    if named and header_key(named) not in {header_key(name) for name in (store.code, store.name, store.short_name)}:
        row.problem("other_store", "store", named)


def _check_past(ctx: Context, row: Row) -> None:
    """Refuse a period that has not begun."""
    period = parse_period(row.get("period") or "")
    if not row.is_refused and period is not None and period.first > ctx.today:
        row.problem("date_future", "period", row.get("period"))


def _check_numbers(row: Row) -> None:
    """Refuse a score outside its scale, and leave out a mean or rank that cannot be."""
    if row.is_refused:
        return
    scale = Decimal(row.get("scale"))
    if not 0 <= row.get("score") <= scale:
        row.problem("score_off_scale", "score", row.get("score"), scale=int(scale))
    mean = row.get("regional_mean")
    if mean is not None and not 0 <= mean <= scale:
        row.values["regional_mean"] = None
        row.warn("score_off_scale", "regional_mean", mean, scale=int(scale))
    rank, of = row.get("rank"), row.get("rank_of")
    if rank and (int(rank) < 1 or (of is not None and int(rank) > of)):
        row.values["rank"] = row.values["rank_of"] = None
        row.warn("rank_unclear", "rank", f"{rank}/{of}")


EXTERNAL_SCORES = Layout(
    code="external_scores",
    label=_("External satisfaction"),
    fields=(
        Field(
            "survey",
            _("Survey"),
            ("调查名称", "调查", "调研名称", "调研项目", "满意度调查", "调查项目", "调研", "项目名称"),
            TEXT,
            required=True,
            max_length=80,
        ),
        Field(
            "period",
            _("Survey period"),
            ("调查期间", "期间", "周期", "调查周期", "统计期间", "考核期", "考核周期", "季度", "月份", "波次", "期次"),
            TEXT,
            required=True,
            max_length=40,
        ),
        Field(
            "factor",
            _("Factor"),
            ("因子", "因子名称", "指标", "维度", "一级指标", "考核指标", "指标名称", "调查因子"),
            TEXT,
            max_length=80,
        ),
        Field("score", _("Score"), ("得分", "分数", "成绩", "满意度得分", "本店得分", "评分", "满意度"), DECIMAL),
        Field("scale", _("Scale"), ("分制", "满分", "评分制", "计分制", "量表", "满分值"), CHOICE, choices=SCALE_WORDS),
        Field(
            "sample",
            _("Sample"),
            ("样本量", "样本数", "有效样本", "有效样本量", "有效样本数", "样本", "n"),
            INT,
            strict=False,
        ),
        Field(
            "regional_mean",
            _("Regional mean"),
            ("区域均值", "区域平均", "区域平均分", "大区均值", "大区平均", "省均值", "区域得分", "全国均值"),
            DECIMAL,
            strict=False,
        ),
        Field("rank", _("Rank"), ("排名", "区域排名", "名次", "大区排名", "位次"), TEXT, max_length=20),
        Field(
            "rank_of",
            _("Out of how many"),
            ("参评店数", "参评家数", "参与排名店数", "排名总数", "区域店数", "总家数"),
            INT,
            strict=False,
        ),
        Field(
            "store", _("Store"), ("门店", "经销商", "店名", "经销店", "4S店", "网点", "经销商名称", "门店名称"), TEXT
        ),
        Field("year", _("Year"), ("年份", "年度", "年"), INT, strict=False),
        Field("score_10", _("Score out of 10"), ("得分(十分制)", "十分制得分", "得分(10分制)", "10分制得分"), DECIMAL),
        Field(
            "score_100", _("Score out of 100"), ("得分(百分制)", "百分制得分", "得分(100分制)", "100分制得分"), DECIMAL
        ),
        Field(
            "score_1000",
            _("Score out of 1000"),
            ("得分(千分制)", "千分制得分", "得分(1000分制)", "1000分制得分"),
            DECIMAL,
        ),
    ),
    one_of=(("score", "score_100", "score_1000", "score_10"),),
    key=key,
    finish=finish,
    compare=compare,
    apply=apply,
    follows=_("They stand under Satisfaction, beside the internal score; no revisits come of them."),
)
