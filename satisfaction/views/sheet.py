"""One response as the detail page draws it: answers by factor, whom they judge, and the sum of its index."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from crm_site.core import formats
from customers.models import OrderState
from satisfaction.models import Answer, Question, QuestionnaireVersion, Response
from satisfaction.queries import answer_words, scale_for
from satisfaction.rules import ZERO

Departments = tuple[str, ...] | None


def loaded(responses: QuerySet[Response]) -> QuerySet[Response]:
    """A response with everything that this page shows."""
    return responses.select_related(
        "version__questionnaire", "customer", "vehicle", "delivery", "repair_order", "asked_by", "store"
    ).prefetch_related(
        "answers__question__factor",
        "answers__attributions__employee",
        "factor_scores__factor",
        "version__questions__factor",
        "version__factors",
    )


def factors(response: Response, departments: Departments) -> list[dict[str, Any]]:
    """Each factor with its items; for a head only the items that judge their departments, without factor scores."""
    answers = {answer.question_id: answer for answer in response.answers.all()}
    scores = {one.factor_id: one for one in response.factor_scores.all()}
    groups = []
    for factor in response.version.factors.all():
        questions = [one for one in response.version.questions.all() if one.factor_id == factor.pk]
        items = [
            _item(response.version, one, answers.get(one.pk))
            for one in questions
            if _shown(answers.get(one.pk), departments)
        ]
        if items:
            own = scores.get(factor.pk) if departments is None else None
            groups.append({"label": factor.label, "weight": factor.weight, "score": own, "items": items})
    return groups


def extras(response: Response, departments: Departments) -> list[dict[str, Any]]:
    """The unweighted questions."""
    answers = {answer.question_id: answer for answer in response.answers.all()}
    questions = [one for one in response.version.questions.all() if one.factor_id is None]
    return [
        _item(response.version, one, answers.get(one.pk))
        for one in questions
        if _shown(answers.get(one.pk), departments)
    ]


def _items(
    version: QuestionnaireVersion, questions: list[Question], answers: dict[int, Answer], departments: Departments
) -> list[dict[str, Any]]:
    """The questions with their answers, as far as the reader may see them."""
    return [_item(version, one, answers.get(one.pk)) for one in questions if _shown(answers.get(one.pk), departments)]


def _shown(answer: Answer | None, departments: Departments) -> bool:
    """Whether a reader may see an item: all, or what judges their departments."""
    return departments is None or (answer is not None and answer.department in departments)


def _item(version: QuestionnaireVersion, question: Any, answer: Answer | None) -> dict[str, Any]:
    return {
        "label": question.label,
        "weight": question.weight,
        "raw": raw_words(version, question.kind, answer),
        "normalised": answer.normalised if answer else None,
        "is_low": bool(answer and answer.is_low),
        "reason": answer.reason if answer else "",
        "judges": judged_words(answer),
    }


def raw_words(version: QuestionnaireVersion, kind: str, answer: Answer | None) -> str:
    """What was answered, as it was said on the version's scale: 8 / 10, yes, very satisfied, does not apply."""
    if answer is None or answer.state == Answer.State.NOT_ANSWERED:
        return _("not answered")
    if answer.state == Answer.State.NOT_APPLICABLE:
        return _("does not apply")
    if answer.value is None:
        return answer.text
    words = dict(answer_words(version, kind))
    scale = scale_for(version, kind)
    if words or scale is None:
        return words.get(int(answer.value), formats.number(answer.value))
    return f"{formats.number(answer.value)} / {scale.end}"


def judged_words(answer: Answer | None) -> str:
    """Whose work an answer judges: names, else the department, else nobody."""
    if answer is None:
        return ""
    names = ", ".join(one.employee.name for one in answer.attributions.all())
    return names or str(answer.get_department_display())


def index_sum(response: Response) -> dict[str, Any] | None:
    """The sum of the index written out: Σ(factor × weight) / Σ weights = score; None where there is no score."""
    if response.score is None:
        return None
    parts = sorted(response.factor_scores.all(), key=lambda one: one.factor.position)
    return {
        "terms": [f"{formats.number(one.score, 2)} × {one.weight.normalize():f}" for one in parts],
        "weight": f"{sum((one.weight for one in parts), ZERO).normalize():f}",
        "score": formats.number(response.score, 2),
        "answered": f"{response.answered_weight.normalize():f}",
        "applicable": f"{response.applicable_weight.normalize():f}",
    }


def facts(response: Response) -> list[dict[str, Any]]:
    """Who, which car, which occasion, asked by whom and when."""
    rows: list[dict[str, Any]] = [
        {
            "term": _("Customer"),
            "text": response.customer.listed_name if response.customer else "",
            "url": _card(response),
        },
        {"term": _("Vehicle"), "text": str(response.vehicle or "")},
    ]
    if response.repair_order:
        order = response.repair_order
        note = "" if order.state == OrderState.SETTLED else order.get_state_display()
        rows.append({"term": _("Repair order"), "text": order.order_number, "num": True, "note": note})
        rows.append({"term": _("Handed back on"), "text": str(response.repair_order.released_on or ""), "num": True})
    if response.delivery:
        note = _("Returned %(day)s") % {"day": response.delivery.returned_on} if response.delivery.returned_on else ""
        rows.append({"term": _("Delivered on"), "text": str(response.delivery.delivered_on), "num": True, "note": note})
    return [
        *rows,
        {"term": _("Asked by"), "text": response.asked_by.name},
        {"term": _("Asked at"), "text": formats.when(response.answered_at), "num": True},
    ]


def _card(response: Response) -> str:
    """The customer's card, where that room offers one."""
    if response.customer_id is None:
        return ""
    try:
        return reverse("customers:card", args=[response.customer_id])
    except NoReverseMatch:
        return ""
