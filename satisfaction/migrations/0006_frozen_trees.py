"""A published tree is frozen by the database itself, on both engines: its version, its factors, its questions.

A draft is free. A published version can only be retired; what was ever published is never deleted. What a
questionnaire counts for does not change under answers that were given to it.
"""

from django.db import migrations

from crm_site.core.triggers import RefusedWhen

VERSION = "satisfaction_questionnaireversion"
KEPT = ("id", "questionnaire_id", "number", "published_at", "published_by_id", "scale", "words", "based_on_id", "note",
        "created_at", "created_by_id", "edits")  # fmt: skip
RETIRED_ONLY = "OLD.state = 'published' AND NEW.state = 'retired' AND " + " AND ".join(
    f"NEW.{column} {{same}} OLD.{column}" for column in KEPT
)

SAME_QUESTIONNAIRE = " AND ".join(f"NEW.{column} {{same}} OLD.{column}" for column in ("code", "kind", "store_id"))
EVER_PUBLISHED = f"EXISTS (SELECT 1 FROM {VERSION} WHERE questionnaire_id = OLD.id AND state <> 'draft')"  # noqa: S608


def of_a_frozen_version(row: str) -> str:
    """Whether OLD or NEW belongs to a version that is no draft."""
    return f"EXISTS (SELECT 1 FROM {VERSION} WHERE id = {row}.version_id AND state <> 'draft')"  # noqa: S608 - ours


def frozen(table: str) -> RefusedWhen:
    """The rows of a version's tree."""
    old, new = of_a_frozen_version("OLD"), of_a_frozen_version("NEW")
    refused = {"INSERT": new, "UPDATE": f"{old} OR {new}", "DELETE": old}
    return RefusedWhen(table, "frozen", refused, "a published questionnaire is frozen")


class Migration(migrations.Migration):
    """Adds the triggers."""

    dependencies = [("satisfaction", "0005_series_and_job_type")]

    operations = [
        frozen("satisfaction_factor"),
        frozen("satisfaction_question"),
        RefusedWhen(
            VERSION,
            "frozen",
            {"UPDATE": f"OLD.state <> 'draft' AND NOT ({RETIRED_ONLY})", "DELETE": "OLD.state <> 'draft'"},
            "a published version can only be retired",
        ),
        RefusedWhen(
            "satisfaction_questionnaire",
            "frozen",
            {"UPDATE": f"NOT ({SAME_QUESTIONNAIRE}) AND {EVER_PUBLISHED}"},
            "a published questionnaire keeps its code and kind",
        ),
    ]
