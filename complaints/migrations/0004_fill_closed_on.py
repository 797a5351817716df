"""Gives every closed ticket the business day on which it was closed."""

from zoneinfo import ZoneInfo

from django.db import migrations

SHANGHAI = ZoneInfo("Asia/Shanghai")
BATCH = 1000


def fill(apps, _editor):
    """Write the day beside the moment, for tickets closed before there was a column for it."""
    complaint = apps.get_model("complaints", "Complaint")
    batch = []
    for row in complaint.objects.filter(closed_at__isnull=False, closed_on=None).only("pk", "closed_at").iterator():
        row.closed_on = row.closed_at.astimezone(SHANGHAI).date()
        batch.append(row)
        if len(batch) == BATCH:
            complaint.objects.bulk_update(batch, ["closed_on"])
            batch = []
    complaint.objects.bulk_update(batch, ["closed_on"])


class Migration(migrations.Migration):
    dependencies = [("complaints", "0003_ledger_and_texts")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
