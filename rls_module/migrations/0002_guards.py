"""The triggers that guard signed notes, signatures and audit events; and whose patients these tables were made for."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from rls_module.audit import guards
from rls_module.host import identity


def _install(apps: Any, schema_editor: Any) -> None:
    guards.install(schema_editor.connection)


def _remove(apps: Any, schema_editor: Any) -> None:
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    """Hand-written; the table of guarded columns is `rls_module.audit.guards`."""

    dependencies = (("rls_module", "0001_initial"),)
    operations = (
        migrations.RunPython(_install, _remove),
        migrations.RunPython(identity.record, migrations.RunPython.noop),
    )
