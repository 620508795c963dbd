"""`manage.py rls_setup`: give every scope what it starts with. Idempotent, and nothing personal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from rls_module.followups import actions, queries
from rls_module.host import adapter
from rls_module.host.actor import system
from rls_module.host.clock import now
from rls_module.library import actions as library_actions


class Command(BaseCommand):
    """Install the default protocol, the shipped exercises and plan templates in every scope that has none."""

    help = (
        "Give every scope the default protocol, the exercise library and plan templates. Run it after each migrate; "
        "again changes nothing. Example: rls_setup"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk the scopes and say in one line each what was done."""
        for scope, context in adapter().scopes():
            with context:
                actor, moment = system("rls_setup"), now()
                made = actions.install_protocol(scope=scope, key=queries.DEFAULT_PROTOCOL, actor=actor, now=moment)
                added = library_actions.install_exercises(scope=scope, actor=actor, now=moment)
                plans = library_actions.install_plan_templates(scope=scope, actor=actor, now=moment)
            done = ["default protocol"] * made + [f"{added} exercises"] * bool(added)
            done += [f"{plans} plan templates"] * bool(plans)
            self.stdout.write(f"{scope}: {', '.join(done)} installed" if done else f"{scope}: already set up")
