"""The tables of satisfaction: questionnaires, responses, sittings, sums, alerts, measures, targets, surveys."""

from satisfaction.models.alerts import Alert
from satisfaction.models.external import ExternalResult
from satisfaction.models.measures import ImprovementMeasure
from satisfaction.models.responses import (
    Answer,
    AnswerAttribution,
    Decision,
    EmployeeScore,
    FactorScore,
    Response,
)
from satisfaction.models.sittings import FACE_TO_FACE, Sitting
from satisfaction.models.steering import Digest, Target
from satisfaction.models.summaries import Dimension, StoreSums, Subject, Summary, SummaryDelta
from satisfaction.models.trees import Attribution, Factor, Question, QuestionKind, Questionnaire, QuestionnaireVersion

__all__ = [
    "FACE_TO_FACE",
    "Alert",
    "Answer",
    "AnswerAttribution",
    "Attribution",
    "Decision",
    "Digest",
    "Dimension",
    "EmployeeScore",
    "ExternalResult",
    "Factor",
    "FactorScore",
    "ImprovementMeasure",
    "Question",
    "QuestionKind",
    "Questionnaire",
    "QuestionnaireVersion",
    "Response",
    "Sitting",
    "StoreSums",
    "Subject",
    "Summary",
    "SummaryDelta",
    "Target",
]
