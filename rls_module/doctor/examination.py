"""The examination: every section, in every scope where that means something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from rls_module.doctor import audit, configuration, host, jobs, machine, mail, schema, web
from rls_module.doctor.finding import Finding, failure, guarded
from rls_module.host import adapter, database


@dataclass(frozen=True, slots=True)
class Options:
    """What to look at: one scope or all, a patient and a member of staff by their keys, a test mail to an address."""

    scope: str | None = None
    patient: str | None = None
    user: str | None = None
    send_test: str | None = None


Scope = tuple[str, AbstractContextManager[Any]]


def examine(options: Options) -> Iterator[Finding]:
    """Yield every finding, section after section."""
    yield from guarded("configuration", configuration.settings)
    yield from guarded("security", configuration.security)
    yield from guarded("scopes", _each_database, options)
    yield from guarded("mail", mail.server, options.send_test)
    yield from guarded("jobs", jobs.triggers)
    for section in (_schema, _host, _web, _jobs, _audit):
        yield from guarded("scopes", _each, section, options)


def _scopes(options: Options) -> list[Scope]:
    return [one for one in adapter().scopes() if options.scope in (None, one[0])]


def _each(section: Callable[[str, Options], Iterator[Finding]], options: Options) -> Iterator[Finding]:
    scopes = _scopes(options)
    if not scopes:
        yield failure("scopes", "the adapter names no such scope", "Compare --scope with what scopes() yields.")
    for label, context in scopes:
        with context:
            yield from section(label, options)


def _each_database(options: Options) -> Iterator[Finding]:
    """Look once at each database that scopes are in; most hosts have one for all of them."""
    seen: set[str] = set()
    for _label, context in _scopes(options):
        with context:
            if database.alias() not in seen:
                yield from guarded("checks", configuration.checks)
                yield from guarded("clock", machine.clocks)
                yield from guarded("database", machine.database)
            seen.add(database.alias())


def _schema(scope: str, _options: Options) -> Iterator[Finding]:
    yield from guarded("schema", schema.look, scope)


def _host(scope: str, options: Options) -> Iterator[Finding]:
    yield from guarded("adapter", host.look, scope, options.patient, options.user)


def _web(scope: str, _options: Options) -> Iterator[Finding]:
    yield from guarded("web", web.look, scope)


def _jobs(scope: str, _options: Options) -> Iterator[Finding]:
    yield from guarded("jobs", jobs.engine, scope)


def _audit(scope: str, _options: Options) -> Iterator[Finding]:
    yield from guarded("audit", audit.look, scope)
