"""The designer's pages: questionnaires and their versions, the editor of a draft, comparing, publishing, workbooks."""

from satisfaction.views.trees.comparing import tree_compare
from satisfaction.views.trees.editing import tree_edit
from satisfaction.views.trees.ending import tree_end
from satisfaction.views.trees.publishing import tree_publish
from satisfaction.views.trees.reading import tree, trees
from satisfaction.views.trees.starting import tree_copy, tree_new, tree_shorten
from satisfaction.views.trees.workbooks import tree_import, tree_workbook

__all__ = [
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
]
