"""Fills in what figures are parted by, for the answers that came before, and which questionnaire is short for which."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, _schema_editor):
    """The series of the car and the job type of the order as they stand today."""
    response = apps.get_model("satisfaction", "Response")
    vehicle = apps.get_model("customers", "Vehicle").objects.filter(pk=OuterRef("vehicle_id"))
    order = apps.get_model("customers", "RepairOrder").objects.filter(pk=OuterRef("repair_order_id"))
    response.objects.filter(vehicle__isnull=False).update(series=Subquery(vehicle.values("series")[:1]))
    response.objects.filter(repair_order__isnull=False).update(job_type=Subquery(order.values("job_type")[:1]))
    questionnaire = apps.get_model("satisfaction", "Questionnaire")
    whole = questionnaire.objects.filter(store=None, code="CSI").first()
    questionnaire.objects.filter(store=None, code="CSI_SHORT").update(short_of=whole)


class Migration(migrations.Migration):
    dependencies = [("satisfaction", "0004_designer_and_sums")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
