"""Adds which stores have their sums built, and finds sums by subject and dimension."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_saved_view"),
        ("satisfaction", "0008_sittings"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoreSums",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("built_at", models.DateTimeField(blank=True, null=True)),
                ('store', models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.store"
            )),
            ],
        ),
        migrations.AlterField(
            model_name="summary",
            name="subject",
            field=models.CharField(
                choices=[
                    ("index", "Index"),
                    ("factor", "Factor"),
                    ("item", "Item"),
                    ("extra", "Extra"),
                    ("own", "Own"),
                ],
                max_length=6,
            ),
        ),
        migrations.AddIndex(
            model_name="summary",
            index=models.Index(fields=["dimension", "subject", "store", "month"], name="summary_one_dimension"),
        ),
    ]
