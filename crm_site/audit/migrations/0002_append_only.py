"""The trail is append-only: the database itself refuses UPDATE and DELETE, on both engines."""

from django.db import migrations

from crm_site.core.sql import append_only_trigger


class Migration(migrations.Migration):
    """Adds the pair of triggers."""

    dependencies = [("audit", "0001_initial")]
    operations = [append_only_trigger("audit_entry")]
