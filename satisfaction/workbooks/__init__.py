"""A questionnaire as a workbook: sent out with choices to pick from, and read back as a design."""

from satisfaction.workbooks.reading import Fault, Told, read
from satisfaction.workbooks.writing import file_name, write

__all__ = ["Fault", "Told", "file_name", "read", "write"]
