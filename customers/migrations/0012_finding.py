"""Indexes by which the list of customers is ordered and filtered over several stores at once."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("customers", "0011_fact_checks"),
    ]

    operations = [
        migrations.AddIndex("customer", models.Index(fields=["-created_at", "-id"], name="customer_created")),
        migrations.AddIndex("customer", models.Index(fields=["completeness", "id"], name="customer_completeness")),
        migrations.AddIndex("customer", models.Index(fields=["value_share", "id"], name="customer_value_share")),
        migrations.AddIndex("customer", models.Index(fields=["store", "value_class"], name="customer_value")),
        migrations.AddIndex("customer", models.Index(fields=["store", "loyalty_class"], name="customer_loyalty")),
        migrations.AddIndex("customer", models.Index(fields=["store", "birthday"], name="customer_birthday")),
        migrations.AddIndex("customer", models.Index(fields=["store", "city"], name="customer_city")),
        migrations.AddIndex("customer", models.Index(fields=["store", "source"], name="customer_source")),
        migrations.AddIndex("customer", models.Index(fields=["store", "defection_type"], name="customer_left_for", condition=~models.Q(defection_type=""))),
        migrations.AddIndex("customer", models.Index(fields=["store"], name="customer_restricted", condition=models.Q(restricted=True))),
        migrations.AddIndex("phone", models.Index(fields=["store", "customer"], name="phone_bad", condition=models.Q(bad_since__isnull=False))),
        migrations.AddIndex("vehicle", models.Index(fields=["store", "brand"], name="vehicle_brand")),
        migrations.AddIndex("vehicle", models.Index(fields=["store", "series"], name="vehicle_series")),
        migrations.AddIndex("vehicle", models.Index(fields=["store", "purchased_on"], name="vehicle_purchased")),
        migrations.AddIndex("vehicle", models.Index(fields=["store", "last_visit_on"], name="vehicle_last_visit")),
    ]
