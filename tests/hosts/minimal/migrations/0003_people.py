from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surgery", "0002_rooms")]

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("code", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("called", models.CharField(max_length=80)),
                ("reachable_at", models.EmailField(blank=True, max_length=254)),
                ("has_left", models.BooleanField(default=False)),
                (
                    "keeper",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
    ]
