"""The spreadsheets that bring old complaints."""

from complaints.layouts.register import COMPLAINTS

__all__ = ["COMPLAINTS"]
