"""Pages of satisfaction, by group: dashboard with its charts and heat table, responses, measures, questionnaires."""

from satisfaction.views.alerts import alert_seen, alerts
from satisfaction.views.breakdown import breakdown
from satisfaction.views.charts import chart
from satisfaction.views.dashboard import dashboard
from satisfaction.views.decisions import decide, decisions
from satisfaction.views.dictionary import dictionary
from satisfaction.views.digests import digest, digest_rows, digests
from satisfaction.views.export import printed_page, workbook
from satisfaction.views.export.responses import responses_workbook
from satisfaction.views.external import external
from satisfaction.views.heat import heat
from satisfaction.views.integrity import include, not_counted
from satisfaction.views.items import item
from satisfaction.views.loyalty import loyalty
from satisfaction.views.measures import (
    measure,
    measure_check,
    measure_finish,
    measure_new,
    measure_rows,
    measures,
)
from satisfaction.views.quadrant import items
from satisfaction.views.responses import exclude, response, responses
from satisfaction.views.said import words
from satisfaction.views.sitting import sitting, sitting_thanks
from satisfaction.views.tablet import tablet, tablet_delivery, tablet_order
from satisfaction.views.targets import targets
from satisfaction.views.trees import (
    tree,
    tree_compare,
    tree_copy,
    tree_edit,
    tree_end,
    tree_import,
    tree_new,
    tree_publish,
    tree_shorten,
    tree_workbook,
    trees,
)
from satisfaction.views.whatif import whatif

__all__ = [
    "alert_seen",
    "alerts",
    "breakdown",
    "chart",
    "dashboard",
    "dictionary",
    "decide",
    "decisions",
    "digest",
    "digest_rows",
    "digests",
    "exclude",
    "external",
    "heat",
    "items",
    "item",
    "include",
    "loyalty",
    "measure",
    "measure_check",
    "measure_finish",
    "measure_new",
    "measure_rows",
    "measures",
    "not_counted",
    "printed_page",
    "response",
    "responses",
    "responses_workbook",
    "sitting",
    "sitting_thanks",
    "tablet",
    "tablet_delivery",
    "tablet_order",
    "targets",
    "tree",
    "tree_compare",
    "tree_copy",
    "tree_edit",
    "tree_end",
    "tree_import",
    "tree_new",
    "tree_publish",
    "tree_shorten",
    "tree_workbook",
    "trees",
    "words",
    "workbook",
    "whatif",
]
