"""`manage.py rls_followups`: the engine without Celery, and how it stands."""

from __future__ import annotations

import json
import signal
import threading
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections

from rls_module import engine
from rls_module.followups import actions, queries
from rls_module.host import adapter, scopes
from rls_module.host.actor import system
from rls_module.host.clock import database_now, now

EXAMPLE = """examples:
  rls_followups run --once             one turn, for cron:  */5 * * * * manage.py rls_followups run --once
  rls_followups run --loop             until SIGTERM or Ctrl-C, a turn every 15 seconds
  rls_followups status --json          counts per state, oldest due, last tick
  rls_followups pause --scope riverside --reason "moving the mail server"
  rls_followups resume --scope riverside
  rls_followups requeue 0b6c5f9e-... --reason "the mail server was down"
  rls_followups cancel 0b6c5f9e-... --reason "the patient asked on the phone" """


class Command(BaseCommand):
    """Run one turn, run on, say how the queue stands, pause or resume it, try one mail again or take it out."""

    help = "Run the follow-up engine, say how it stands, pause or resume it, requeue or cancel single mails."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the examples' lines apart in --help."""
        return super().create_parser(
            prog_name, subcommand, epilog=EXAMPLE, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Six verbs: run, status, pause, resume, requeue, cancel."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        run = verbs.add_parser("run", help="do turns of the engine")
        how = run.add_mutually_exclusive_group(required=True)
        how.add_argument("--once", action="store_true", help="one turn, then end")
        how.add_argument("--loop", action="store_true", help="turn after turn until SIGTERM or Ctrl-C")
        run.add_argument("--interval", type=float, default=15, metavar="SECONDS", help="between turns (15)")
        status = verbs.add_parser("status", help="counts per state, oldest due, last tick")
        status.add_argument("--json", action="store_true", help="the same as JSON")
        pause = verbs.add_parser("pause", help="stop sending for one scope")
        pause.add_argument("--reason", required=True, help="why, in words; kept in the audit")
        resume = verbs.add_parser("resume", help="send again")
        for verb in (pause, resume):
            verb.add_argument("--scope", default="default", help="the clinic, as the adapter's scopes() names it")
        for name, help_text in (
            ("requeue", "let mails that ended without going out try again"),
            ("cancel", "take mails that have not gone out of the queue"),
        ):
            verb = verbs.add_parser(name, help=help_text)
            verb.add_argument(
                "mails", nargs="+", type=UUID, metavar="UUID", help="as the mail's page in admin shows it"
            )
            verb.add_argument("--reason", required=True, help="why, in words; kept in the audit")

    def handle(self, *args: Any, **options: Any) -> None:
        """Parse, one call inward, answer."""
        match options["verb"]:
            case "status":
                self._status(as_json=options["json"])
            case "pause" | "resume":
                self._pause_or_resume(options["verb"], options["scope"], options.get("reason", ""))
            case "requeue" | "cancel":
                self._move(options["verb"], options["mails"], options["reason"])
            case _ if options["once"]:
                self._turn()
            case _:
                self._loop(options["interval"])

    def _pause_or_resume(self, verb: str, scope: str, reason: str) -> None:
        context = dict(adapter().scopes()).get(scope)
        if context is None:
            raise CommandError(f"There is no scope '{scope}'.")
        with context:
            if verb == "pause":
                actions.pause(scope=scope, reason=reason, actor=system("rls_followups"))
                self.stdout.write(f"{scope}: paused")
                return
            resumed = actions.resume(scope=scope, actor=system("rls_followups"))
        self.stdout.write(f"{scope}: {'sending again' if resumed else 'was not paused'}")

    def _move(self, verb: str, mails: list[UUID], reason: str) -> None:
        """Do the verb to each mail; those it can't be done to are told, and fail the command."""
        refused = 0
        for uuid in mails:
            why = self._moved(verb, uuid, reason)
            refused += why is not None
            self.stdout.write(f"{uuid}: {why or ('queued again' if verb == 'requeue' else 'cancelled')}")
        if refused:
            raise CommandError(f"{refused} of {len(mails)} could not be moved.")

    def _moved(self, verb: str, uuid: UUID, reason: str) -> str | None:
        """Do the verb to the mail, in whichever clinic it is; return why not, or None."""
        for _scope, context in adapter().scopes():
            with context:
                delivery = queries.delivery(uuid)
                if delivery is not None:
                    return self._refusal(verb, delivery, reason)
        return "there is no such mail"

    def _refusal(self, verb: str, delivery: Any, reason: str) -> str | None:
        actor = system("rls_followups")
        try:
            if verb == "cancel":
                actions.cancel(delivery=delivery, reason=reason, actor=actor)
            else:
                actions.requeue(delivery=delivery, reason=reason, actor=actor, now=now())
        except actions.NotPossible as refused:
            return f"not possible: {refused.why.replace('_', ' ')}"
        return None

    def _turn(self) -> None:
        try:
            sent = engine.turn(now=now())
        except ImproperlyConfigured as problem:
            raise CommandError(str(problem)) from problem
        except DatabaseError as problem:
            raise CommandError(f"The database could not be asked ({type(problem).__name__}).") from problem
        self.stdout.write(f"{sent} sent")

    def _loop(self, interval: float) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            self._turn()
            stop.wait(interval)

    def _status(self, *, as_json: bool) -> None:
        found = scopes.walk(lambda scope: queries.status(now(), database_now(), scope=scope), what="the status")
        status = asdict(queries.together(found.results.values()))
        if as_json:
            self.stdout.write(json.dumps(status))
        else:
            for name, value in status.items():
                self.stdout.write(f"{name:>14}  {'-' if value is None else value}")
        if found.failed:
            raise CommandError(f"Not counted, for they could not be asked: {', '.join(found.failed)}.")
