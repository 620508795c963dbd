from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surgery", "0001_keepers")]

    operations = [
        migrations.CreateModel(
            name="Room",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=20)),
            ],
        ),
    ]
