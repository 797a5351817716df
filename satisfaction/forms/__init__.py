"""What users type in the pages of satisfaction."""

from satisfaction.forms.measures import CheckForm, MeasureForm
from satisfaction.forms.targets import Aim, TargetsForm

__all__ = ["Aim", "CheckForm", "MeasureForm", "TargetsForm"]
