"""What the designer of questionnaires says: why a design cannot be kept or published, in the reader's language."""

from __future__ import annotations

from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.core.errors import RuleBroken
from crm_site.core.models import label_of
from satisfaction import rules
from satisfaction.rules import designs

#: code of a problem -> what to do about it
WORDS: dict[str, str | Promise] = {
    "code": gettext_lazy("A code begins with a small letter and has small letters, digits and _ only. Change it."),
    "code_twice": gettext_lazy("Two rows have this code. Give one of them another."),
    "label": gettext_lazy("Write the name in Chinese and in English."),
    "weight": gettext_lazy("A weight is a number up to 100 with at most two decimals; a factor weighs more than 0."),
    "factor": gettext_lazy("This factor is not in the questionnaire. Choose one that is."),
    "kind": gettext_lazy("Only marks, words, and yes or no can be weighed. Choose one, or take it out of the factor."),
    "extra_weight": gettext_lazy("A question outside the factors has no weight. Leave the weight empty."),
    "kind_twice": gettext_lazy("This kind of question may be asked once only. Take one of them out."),
    "no_weight": gettext_lazy("An item inside a factor needs a weight above 0."),
    "too_many_factors": gettext_lazy("A questionnaire has at most 20 factors. Take some out."),
    "too_many_items": gettext_lazy("A questionnaire has at most 80 questions. Take some out."),
    "words_count": gettext_lazy("A table of words has 2 to 7 words."),
    "words_label": gettext_lazy("Every word needs its Chinese and its English name, of at most 20 characters."),
    "words_points": gettext_lazy("A word is worth 0 to 100."),
    "words_order": gettext_lazy("The words stand best first, each worth less than the one before."),
    "empty": gettext_lazy("The questionnaire has no question yet. Add one, then publish."),
}
#: codes whose numbers are told
_SUM = "sum"
_FACTOR_SUM = "factor_sum"


def plain(weight: Decimal) -> str:
    """A weight without needless zeros: 7, 7.5, 100."""
    return f"{weight.normalize():f}" if weight else "0"


def words_of(problem: designs.Problem, design: designs.Design) -> str:
    """What is wrong and what to do, naming the row and by how much."""
    if problem.code == _SUM:
        return str(_sum_words(problem))
    if problem.code == _FACTOR_SUM:
        return _factor_sum_words(problem, label_of(design.factors[problem.index]))
    return str(WORDS[problem.code])


def _numbers(problem: designs.Problem) -> dict[str, str]:
    off = problem.found - problem.wanted
    return {"found": plain(problem.found), "wanted": plain(problem.wanted), "off": plain(abs(off))}


def _sum_words(problem: designs.Problem) -> str:
    if problem.found < problem.wanted:
        text = _("The factors weigh %(found)s together: %(off)s is missing. They must weigh exactly %(wanted)s.")
    else:
        text = _("The factors weigh %(found)s together: %(off)s too much. They must weigh exactly %(wanted)s.")
    return text % _numbers(problem)


def _factor_sum_words(problem: designs.Problem, factor: str) -> str:
    if problem.found < problem.wanted:
        text = _(
            "The items of “%(factor)s” weigh %(found)s together: %(off)s is missing. The factor weighs %(wanted)s."
        )
    else:
        text = _("The items of “%(factor)s” weigh %(found)s together: %(off)s too much. The factor weighs %(wanted)s.")
    return text % (_numbers(problem) | {"factor": factor})


def refusal(problem: designs.Problem, design: designs.Design) -> RuleBroken:
    """A problem as what an action raises; its code is that of the kind of problem."""
    weighs = problem.code in (_SUM, _FACTOR_SUM, "no_weight")
    field = f"{problem.rows}-{problem.index}" if problem.rows else ""
    named = words_of(problem, design)
    if problem.rows and problem.code != _FACTOR_SUM:
        rows = design.factors if problem.rows == "factors" else design.items
        row = rows[problem.index]
        named = _("“%(row)s”: %(problem)s") % {"row": label_of(row) or row.code, "problem": named}
    return RuleBroken(named, code="weights" if weighs else problem.code, field=field)


def check(design: designs.Design) -> None:
    """Refuse a design that cannot even be kept as a draft."""
    for problem in designs.problems(design):
        raise refusal(problem, design)


def check_for_publishing(design: designs.Design, *, is_scored: bool) -> None:
    """Refuse a design that nobody could score."""
    check(design)
    for problem in designs.publish_problems(design, is_scored=is_scored):
        raise refusal(problem, design)


def scale_word(scale: str) -> str:
    """The scale of the scored items, as it is read on a page."""
    return _("five points, 1–5") if scale == rules.FIVE else _("ten points, 1–10")
