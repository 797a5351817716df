"""The six lines of the inspection sheet with their weights (domain 4.6), as a plain table."""

from typing import NamedTuple


class SheetRow(NamedTuple):
    """One line of the sheet; the fields are those of InspectionItem."""

    code: str
    label_zh: str
    label_en: str
    weight: int


SHEET = (
    SheetRow("opening", "开场与身份确认", "Opening, and who is speaking", 15),
    SheetRow("consent", "告知与征得同意", "Telling why, and asking for consent", 10),
    SheetRow("complete", "问卷完整", "Every question asked", 25),
    SheetRow("truthful", "记录真实一致", "Record true to what was said", 25),
    SheetRow("digging", "不满挖掘", "Getting to the bottom of low marks", 15),
    SheetRow("closing", "结束语", "Closing words", 10),
)
