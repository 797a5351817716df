"""The one table of what costs much: how often one person, or one address without a sign-in, may ask for it in a minute.

A specialist makes 120 calls a day, opens 20 pages a minute at most and searches while typing: nobody who works meets a
limit. They stop a script that has run wild, a stuck key, and whoever wants to carry the archive away page by page.
"""

from __future__ import annotations

from typing import NamedTuple


class Limit(NamedTuple):
    """One count: its name and how often a minute."""

    name: str
    times: int


SUGGESTIONS = Limit("suggestions", 300)
SEARCHES = Limit("searches", 90)
PICTURES = Limit("pictures", 400)
LOOKS = Limit("looks", 60)
EXPORTS = Limit("exports", 30)
UPLOADS = Limit("uploads", 30)
RECKONINGS = Limit("reckonings", 40)
#: by the address of who is not signed in; the tablets of a store stand behind one
OPEN = Limit("open", 1200)
#: whatever else changes something; far above what hands can do, and below what a script would
WRITES = Limit("writes", 1200)

#: pages of one kind share a count
TABLE: dict[Limit, tuple[str, ...]] = {
    # what is asked while somebody types
    SUGGESTIONS: (
        "customers:suggest", "customers:alike", "customers:count", "customers:segment_count", "complaints:foresee",
    ),
    SEARCHES: ("customers:find", "revisits:why", "privacy:partner"),
    # drawn when nobody has seen the like before
    PICTURES: ("customers:quality_chart", "complaints:learn_chart", "satisfaction:chart", "reports:chart"),
    # telling a hidden number; a day's cap and the log of looks stand behind it
    LOOKS: ("complaints:number", "customers:reveal", "customers:paper"),
    # files made on the spot, and files that leave
    EXPORTS: (
        "complaints:learn_workbook", "complaints:evidence", "customers:bulk", "files:download", "imports:ask_workbook",
        "imports:template", "imports:workbook", "privacy:export_customers", "reports:fill_layout", "reports:workbook",
        "revisits:analysis_book", "revisits:indicator_book", "revisits:sheet_book", "revisits:sheet_print",
        "satisfaction:printed_page", "satisfaction:responses_workbook", "satisfaction:tree_workbook",
        "satisfaction:workbook",
    ),
    UPLOADS: (
        "complaints:attach", "imports:upload", "reports:bring_layout", "satisfaction:tree_import",
    ),
    # what reads a store's months, or sets the worker going
    RECKONINGS: (
        "complaints:recount", "customers:bulk_confirm", "customers:segment_new", "imports:confirm",
        "imports:read_again", "imports:undo_confirm", "imports:undo_plan_again", "reports:build", "reports:publish",
        "revisits:class_definition", "revisits:classes_now", "revisits:draw_now", "revisits:fairness_draw",
        "revisits:generate", "revisits:look_ahead", "revisits:screening", "satisfaction:whatif",
    ),
    OPEN: (
        "accounts:language", "satisfaction:sitting", "satisfaction:sitting_thanks",
    ),
}  # fmt: skip
OF_PAGE: dict[str, Limit] = {page: limit for limit, pages in TABLE.items() for page in pages}
