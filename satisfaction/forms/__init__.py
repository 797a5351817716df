"""What users type in the pages of satisfaction."""

from satisfaction.forms.measures import CheckForm, MeasureForm

__all__ = ["CheckForm", "MeasureForm"]
