"""System checks: what is wrong with an installation, in words, each with an id and a hint. Pure but for those on databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.apps import apps
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004  Django's own name
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections, router
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template
from django.urls import NoReverseMatch, Resolver404, get_resolver, reverse
from django.utils.module_loading import import_string

from rls_module import conf
from rls_module.audit import guards
from rls_module.host import HostAdapter, identity, patient_migration, patient_model
from rls_module.host.adapter import adapter
from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments import loading as instruments
from rls_module.knowledge.lock import verify_released
from rls_module.knowledge.protocols import loading as protocols

TAG = "rls_module"
_LEAST_VERSION = {"postgresql": (14,), "sqlite": (3, 35)}


def _error(number: str, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"rls_module.E{number}")


def _warning(number: str, message: str, hint: str) -> Warning:
    return Warning(message, hint=hint, id=f"rls_module.W{number}")


@register(TAG)
def settings_are_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001: a key that does not exist. E007: a value of the wrong type."""
    number = {"unknown": "001", "type": "007"}
    return [_error(number[found.code], found.message, found.hint) for found in conf.problems()]


@register(TAG)
def patient_model_is_there(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E002: no patient model, or one that no key can point at."""
    hint = "Name it as 'app_label.Model', a concrete model of an installed app."
    try:
        label = patient_model()
    except ImproperlyConfigured as problem:
        return [_error("002", str(problem), hint)]
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return [_error("002", f"RLS_MODULE['PATIENT_MODEL'] = '{label}': the app has no such model.", hint)]
    if model._meta.abstract or model._meta.swapped:
        return [_error("002", f"RLS_MODULE['PATIENT_MODEL'] = '{label}' is abstract or swapped out.", hint)]
    return []


@register(TAG)
def adapter_is_whole(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E003: no adapter, none of ours, or a required method missing."""
    hint = "Subclass rls_module.host.HostAdapter and name the class in RLS_MODULE['ADAPTER']."
    try:
        found = type(adapter())
    except ImproperlyConfigured as problem:
        return [_error("003", str(problem), hint)]
    needed = ["display_name"]
    if found.visits_for is not HostAdapter.visits_for:
        needed.append("visit_patient_pk")
    if found.base_url is HostAdapter.base_url and not conf.get("BASE_URL"):
        needed.append("base_url")
    lacking = [name for name in needed if getattr(found, name) is getattr(HostAdapter, name)]
    return [_error("003", f"The host adapter must override {name}().", hint) for name in lacking]


@register(TAG)
def knowledge_is_sound(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E004: a malformed file. E005: a released file that changed. E006: a protocol names an unknown instrument."""
    found: list[CheckMessage] = []
    for load, keys in (
        (instruments.shipped, instruments.shipped_keys()),
        (protocols.shipped, protocols.shipped_keys()),
    ):
        for key in keys:
            try:
                load(key)
            except KnowledgeError as mistake:
                found.append(_error("004", str(mistake), "Correct the file; nothing was loaded from it."))
    if found:
        return found
    hint = "A correction is a new version in a new file; a released one never changes."
    found += [_error("005", f"{one.file}: {one.reason}", hint) for one in verify_released()]
    for key in protocols.shipped_keys():
        named = {name for touchpoint in protocols.shipped(key).touchpoints for name in touchpoint.instruments}
        found += [
            _error("006", f"The protocol '{key}' asks the unknown instrument '{name}'.", "Ship it, or correct the key.")
            for name in sorted(named - set(instruments.shipped_keys()))
        ]
    return found


@register(TAG)
def databases_agree(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E010: our tables and the patient's lie in different databases. E011: PATIENT_MIGRATION names no migration."""
    found: list[CheckMessage] = []
    try:
        model = apps.get_model(patient_model())
    except (ImproperlyConfigured, LookupError, ValueError):
        return found
    ours = apps.get_model("rls_module", "Chart")
    if router.db_for_write(model) != router.db_for_write(ours):
        hint = "A foreign key can't cross databases: route the app rls_module to the patient's."
        found.append(_error("010", "A router sends the patients and rls_module to different databases.", hint))
    app_label, name = patient_migration()
    if conf.get("PATIENT_MIGRATION") and name != "__first__" and not _has_migration(app_label, name):
        hint = "Write 'app_label.migration_name', or leave it out: the migration is found by itself."
        found.append(_error("011", f"PATIENT_MIGRATION: '{app_label}' has no migration '{name}'.", hint))
    return found


def _has_migration(app_label: str, name: str) -> bool:
    try:
        import_string(f"{apps.get_app_config(app_label).name}.migrations.{name}.Migration")
    except (ImportError, LookupError):
        return False
    return True


@register(TAG)
def templates_are_found(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E013: our templates, or the host's BASE_TEMPLATE, can't be loaded by a Django template engine."""
    hint = "Keep a DjangoTemplates engine with APP_DIRS, or list our templates' folder in it."
    found: list[CheckMessage] = []
    for name in dict.fromkeys(("rls_module/layouts/staff.html", conf.get("BASE_TEMPLATE"))):
        try:
            get_template(name, using=None)
        except (TemplateDoesNotExist, TemplateSyntaxError) as problem:
            found.append(_error("013", f"The template {name} can't be loaded: {type(problem).__name__}.", hint))
    return found


@register(TAG)
def tenants_are_ours(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E014: in a schema-per-tenant host the app must be in TENANT_APPS, and not in SHARED_APPS."""
    tenant_apps: Sequence[str] | None = getattr(django_settings, "TENANT_APPS", None)
    shared: Sequence[str] = getattr(django_settings, "SHARED_APPS", ())
    if tenant_apps is None or ("rls_module" in tenant_apps and "rls_module" not in shared):
        return []
    hint = "List it in TENANT_APPS before the first migrate, and not in SHARED_APPS: patients live in the tenants."
    return [_error("014", "rls_module is not an app of the tenants.", hint)]


@register(TAG)
def named_things_import(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E015: ADMIN_SITE. E016: FILE_STORAGE. E017: decorators, authentication classes, channels, gate and clock."""
    found = list(_unimportable())
    storage = conf.get("FILE_STORAGE")
    if storage and storage not in django_settings.STORAGES:
        found.append(
            _error("016", f"FILE_STORAGE: STORAGES has no '{storage}'.", "Name an alias of STORAGES, or None.")
        )
    site = conf.get("ADMIN_SITE")
    if site and not _imports(site):
        found.append(_error("015", f"ADMIN_SITE '{site}' can't be imported.", "Name an AdminSite, or false for none."))
    return found


def _unimportable() -> Iterator[CheckMessage]:
    built_in = {"email", "print", "staff"}
    for key in ("PUBLIC_DECORATORS", "AUTHENTICATION_CLASSES", "CHANNELS", "STAFF_GATE", "CLOCK"):
        value = conf.get(key) or ()
        for path in [value] if isinstance(value, str) else value:
            if path not in built_in and not _imports(path):
                yield _error("017", f"{key}: '{path}' can't be imported.", "Write the dotted path of what exists.")


def _imports(path: str) -> bool:
    try:
        import_string(path)
    except ImportError:
        return False
    return True


@register(TAG)
def links_can_be_made(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E018: USE_TZ is off. E020: there is no key for patient links."""
    found: list[CheckMessage] = []
    if not django_settings.USE_TZ:
        found.append(_error("018", "USE_TZ is False: due times would be ambiguous.", "Set USE_TZ = True."))
    if not conf.get("LINK_KEYS"):
        hint = "Set RLS_MODULE['LINK_KEYS'] = {'2026a': '<a long random secret>'}, the newest key first."
        found.append(_error("020", "LINK_KEYS is empty: no patient link can be made.", hint))
    return found


@register(TAG)
def addresses_are_reachable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E019: our URLs are not included in the host's."""
    try:
        get_resolver()
        reverse("rls:worklist")
    except (NoReverseMatch, Resolver404, ImportError):
        hint = 'Add path("rls/", include("rls_module.urls")) and path("q/", include("rls_module.surveys.urls")).'
        return [_error("019", "rls_module.urls is not reachable from ROOT_URLCONF.", hint)]
    return []


@register(TAG)
def access_is_answered(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W007: visible_patients or can left at its default: nobody will see a patient."""
    try:
        found = type(adapter())
    except ImproperlyConfigured:
        return []
    left = [name for name in ("visible_patients", "can") if getattr(found, name) is getattr(HostAdapter, name)]
    hint = "Override it in your adapter; the default denies everybody."
    return [_warning("007", f"The host adapter leaves {name}() at its default.", hint) for name in left]


@register(TAG, deploy=True)
def production_is_safe(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E022: CLOCK is set. W002: BASE_URL is not https. W006: no STAFF_GATE. W008: mail without a timeout."""
    found: list[CheckMessage] = []
    if conf.get("CLOCK"):
        found.append(_error("022", "CLOCK is set: the clinic's time can be moved.", "Leave CLOCK out in production."))
    if conf.get("BASE_URL") and not conf.get("BASE_URL").startswith("https://"):
        found.append(_warning("002", "BASE_URL is not https: links in mail are not private.", "Serve https."))
    if not conf.get("STAFF_GATE"):
        hint = "Name gate(request, action) that asks for a fresh second factor."
        found.append(_warning("006", "STAFF_GATE is unset: signing and export ask for no second factor.", hint))
    if getattr(django_settings, "EMAIL_TIMEOUT", None) is None and not hasattr(django_settings, "MAILERS"):
        found.append(_warning("008", "EMAIL_TIMEOUT is None: a hung mail server blocks a run for ever.", "Set 20."))
    return found


@register(TAG, "database")
def databases_are_ours(app_configs: Any, databases: Iterable[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E008, E009, E012, E021, E030: identity, tables, version, triggers, recursive triggers on SQLite."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        if alias == router.db_for_write(apps.get_model("rls_module", "Chart")):
            for check in (_version, _tables, _identity, _triggers, _recursion):
                found += check(connections[alias])
    return found


def _version(connection: Any) -> list[CheckMessage]:
    least = _LEAST_VERSION.get(connection.vendor)
    if least is None:
        return []
    version = tuple(connection.get_database_version())
    if version >= least:
        return []
    message = f"{connection.display_name} {'.'.join(map(str, version))} is too old."
    return [_error("012", message, f"At least {'.'.join(map(str, least))} is needed.")]


def _has_tables(connection: Any) -> bool:
    return "rls_module_hostidentity" in connection.introspection.table_names()


def _tables(connection: Any) -> list[CheckMessage]:
    try:
        tables = connection.introspection.table_names()
        if "django_migrations" not in tables or "rls_module_chart" in tables:
            return []
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations WHERE app = %s", ["rls_module"])
            is_recorded = cursor.fetchone() is not None
    except DatabaseError:
        return []
    hint = "migrate rls_module zero --fake, then migrate again where the patients' tables are."
    message = "The migrations of rls_module are recorded but its tables are absent."
    return [_error("009", message, hint)] if is_recorded else []


def _identity(connection: Any) -> list[CheckMessage]:
    if not _has_tables(connection):
        return []
    difference = identity.mismatch()
    hint = "Every chart would point at whoever has the same key in another table. Point PATIENT_MODEL back."
    return (
        [_error("008", f"The host is not the one these rows were written for: {difference}.", hint)]
        if difference
        else []
    )


def _triggers(connection: Any) -> list[CheckMessage]:
    if not _has_tables(connection) or _is_migrating(connection):
        return []
    hint = "Run migrate rls_module; a table that was rebuilt by hand has lost them."
    return [
        _error("021", f"The trigger {name}, which guards signed rows, is missing.", hint)
        for name in guards.missing(connection)
    ]


def _is_migrating(connection: Any) -> bool:
    """True between our first migration and the one that installs the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations WHERE app = %s AND name = %s", ["rls_module", "0002_guards"])
        return cursor.fetchone() is None


def _recursion(connection: Any) -> list[CheckMessage]:
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers")
        if cursor.fetchone()[0]:
            return []
    hint = "OPTIONS = {'init_command': 'PRAGMA recursive_triggers=ON;'}: else INSERT OR REPLACE rewrites signed rows."
    return [_error("030", "SQLite runs without recursive triggers.", hint)]
