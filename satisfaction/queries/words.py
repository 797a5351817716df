"""What the metric dictionary says of each figure; every number in it is read from the constant that computes.

The keys are the fields of `core.figures.Figure`, so that a definition takes its words as `**words.INDEX`.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_site.core import formats
from crm_site.core.figures import told
from satisfaction import rules

Words = dict[str, "str | Promise"]

POINTS = _("points of 100")
SHARE = _("per cent")
NET = _("points from −100 to 100")
RESPONSES = _("responses")
VALID = told(
    _(
        "valid responses: at least %(share)s of the applicable weight answered, that at least %(applicable)s of 100, "
        "and every required question answered"
    ),
    share=lambda: formats.percent(rules.ANSWERED_SHARE),
    applicable=lambda: rules.APPLICABLE_AT_LEAST,
)
LEFT_OUT = told(
    _(
        "responses that are not valid or were excluded with a reason; “does not apply” and “not answered” are never 0; "
        "fewer than %(enough)d answers show no figure, fewer than %(few)d are marked"
    ),
    enough=lambda: rules.ENOUGH,
    few=lambda: rules.FEW,
)
MEAN_INTERVAL = _(
    "About 95 in 100 such intervals hold the true mean; fewer where almost all are happy and one customer in twenty is "
    "in despair, whom a small sample may not have met. It is made for small and lopsided samples: it follows the "
    "spread of the answers, never leaves the scale, and keeps a width where all answers are equal."
)
RATE_INTERVAL = _("Wilson's 95 per cent interval of a share, which holds for few answers and for rare ones.")
METHOD = _("mathematical weighted mean, as manufacturers compute it; the version that was asked decides the weights")

INDEX: Words = {
    "label": _("Internal satisfaction"),
    "formula": _(
        "mean of the indexes of the valid responses; index = Σ(factor × weight) / Σ(weights of factors with an answer)"
    ),
    "unit": POINTS,
    "population": VALID,
    "exclusions": LEFT_OUT,
    "method": MEAN_INTERVAL,
    "source": METHOD,
}
FACTOR: Words = INDEX | {
    "label": _("Factor"),
    "formula": _(
        "mean over the valid responses of Σ(item × weight) / Σ(weights of answered items) of the factor; each factor "
        "has its own n, so Σ weight × factor mean is not the score"
    ),
}
ITEM: Words = INDEX | {
    "label": _("Item"),
    "formula": told(
        _(
            "mean of the answers on 0–100: ten points × 10, five points × 20, words by table, yes 100 and no 0; "
            "%(low)s and less is low"
        ),
        low=lambda: rules.LOW,
    ),
}
DEPARTMENT: Words = INDEX | {
    "label": _("Score of the department"),
    "formula": _(
        "mean over the valid responses of Σ(item × weight) / Σ(weights) of the items that judge the department"
    ),
}
EMPLOYEE: Words = INDEX | {
    "label": _("Score of an employee"),
    "formula": _(
        "mean over his or her responses of Σ(item × weight) / Σ(weights of answered items), of the items that judge "
        "this person; price, environment and other people's items are not in it"
    ),
}
VERY_SATISFIED: Words = {
    "label": _("Very satisfied"),
    "formula": told(
        _("overall satisfaction %(low)d–10 / valid responses with that answer"), low=lambda: rules.VERY_SATISFIED_FROM
    ),
    "unit": SHARE,
    "population": VALID,
    "exclusions": LEFT_OUT,
    "method": RATE_INTERVAL,
    "source": _("share of the top answers, as manufacturers count it"),
}
NPS: Words = VERY_SATISFIED | {
    "label": _("Net promoter score"),
    "formula": told(
        _("share of %(promoters)d–10 less share of 0–%(detractors)d, on 0–10"),
        promoters=lambda: rules.PROMOTER_FROM,
        detractors=lambda: rules.DETRACTOR_TO,
    ),
    "unit": NET,
    "method": MEAN_INTERVAL,
    "source": _("net promoter score as it is used in the trade"),
}
LOYALTY: Words = INDEX | {
    "label": _("Would come again"),
    "formula": _("mean of “would come again” on 0–100"),
    "source": _("one question of 1–10, unweighted, in no index"),
}
EXECUTION: Words = VERY_SATISFIED | {
    "label": _("Execution rate"),
    "formula": _("“yes” / answered execution items"),
    "population": _("execution items (yes or no) answered in valid responses; n counts these answers"),
    "source": _("used for nothing else: execution items are in no score and never low"),
}
LOW: Words = {
    "label": _("Responses with a low answer"),
    "formula": told(_("valid responses with at least one item of %(low)s or less"), low=lambda: rules.LOW),
    "unit": RESPONSES,
    "population": VALID,
    "exclusions": _("execution items, recommendation and the wish to come again are never low"),
    "source": _("each low answer has a reason in the customer's words and each response a decision"),
}
