"""What settings, adapter, knowledge and templates say, without asking a database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import django
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.admin import AdminSite
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.checks import CheckMessage, register
from django.core.exceptions import ImproperlyConfigured
from django.db import router
from django.db.migrations.loader import MigrationLoader
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template
from django.urls import NoReverseMatch, Resolver404, get_resolver, reverse
from django.utils.module_loading import import_string

from rls_module import conf
from rls_module.checks.messages import TAG, error, warning
from rls_module.host import HostAdapter, patient_migration, patient_model
from rls_module.host.adapter import adapter
from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments import loading as instruments
from rls_module.knowledge.lock import verify_released
from rls_module.knowledge.protocols import loading as protocols
from rls_module.knowledge.vocabulary import loading as vocabulary

NEWEST_DJANGO = (6, 1)


def read(name: str) -> Any:
    """Return a setting, or its default where the value is wrong: E007 has said so already."""
    try:
        return conf.get(name)
    except ImproperlyConfigured:
        default = next(setting.default for setting in conf.TABLE if setting.name == name)
        return None if default is conf.REQUIRED else default


@register(TAG)
def settings_are_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001: a key that does not exist. E007: a value of the wrong type."""
    number = {"unknown": "001", "type": "007"}
    return [error(number[found.code], found.message, found.hint) for found in conf.problems()]


@register(TAG)
def patient_model_is_there(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E002: no patient model, or one that no key can point at."""
    hint = "Name it as 'app_label.Model', a concrete model of an installed app."
    try:
        label = patient_model()
    except ImproperlyConfigured as problem:
        return [error("002", str(problem), hint)]
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return [error("002", f"RLS_MODULE['PATIENT_MODEL'] = '{label}': the app has no such model.", hint)]
    if model._meta.abstract or model._meta.swapped:
        return [error("002", f"RLS_MODULE['PATIENT_MODEL'] = '{label}' is abstract or swapped out.", hint)]
    return []


@register(TAG)
def adapter_is_whole(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E003: no adapter, none of ours, or a required method missing."""
    hint = "Subclass rls_module.host.HostAdapter and name the class in RLS_MODULE['ADAPTER']."
    try:
        found = type(adapter())
    except ImproperlyConfigured as problem:
        return [error("003", str(problem), hint)]
    needed = ["display_name"]
    if found.visits_for is not HostAdapter.visits_for:
        needed.append("visit_patient_pk")
    if found.base_url is HostAdapter.base_url and not read("BASE_URL"):
        needed.append("base_url")
    lacking = [name for name in needed if getattr(found, name) is getattr(HostAdapter, name)]
    return [error("003", f"The host adapter must override {name}().", hint) for name in lacking]


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
                found.append(error("004", str(mistake), "Correct the file; nothing was loaded from it."))
    try:
        vocabulary.muscles(), vocabulary.regions(), vocabulary.criteria()
    except KnowledgeError as mistake:
        found.append(error("004", str(mistake), "Correct the file; nothing was loaded from it."))
    if found:
        return found
    hint = "A correction is a new version in a new file; a released one never changes."
    found += [error("005", f"{one.file}: {one.reason}", hint) for one in verify_released()]
    for key in protocols.shipped_keys():
        named = {name for touchpoint in protocols.shipped(key).touchpoints for name in touchpoint.instruments}
        found += [
            error("006", f"The protocol '{key}' asks the unknown instrument '{name}'.", "Ship it, or correct the key.")
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
        found.append(error("010", "A router sends the patients and rls_module to different databases.", hint))
    try:
        app_label, name = patient_migration()
    except ImproperlyConfigured:
        return found  # E007 says which value is wrong
    if read("PATIENT_MIGRATION") and name != "__first__" and not _has_migration(app_label, name):
        hint = "Write 'app_label.migration_name', or leave it out: the migration is found by itself."
        found.append(error("011", f"PATIENT_MIGRATION: '{app_label}' has no migration '{name}'.", hint))
    return found


def _has_migration(app_label: str, name: str) -> bool:
    try:
        module, _is_explicit = MigrationLoader.migrations_module(app_label)
        import_string(f"{module}.{name}.Migration")
    except (ImportError, LookupError):
        return False
    return True


@register(TAG)
def templates_are_found(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E013: our templates, or the host's BASE_TEMPLATE, can't be loaded by a Django template engine."""
    hint = "Keep a DjangoTemplates engine with APP_DIRS, or list our templates' folder in it."
    found: list[CheckMessage] = []
    for name in dict.fromkeys(("rls_module/layouts/staff.html", read("BASE_TEMPLATE"))):
        try:
            get_template(name, using=None)
        except (TemplateDoesNotExist, TemplateSyntaxError) as problem:
            found.append(error("013", f"The template {name} can't be loaded: {type(problem).__name__}.", hint))
    return found


@register(TAG)
def tenants_are_ours(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E014: in a schema-per-tenant host the app must be in TENANT_APPS, and not in SHARED_APPS."""
    tenant_apps: Sequence[str] | None = getattr(django_settings, "TENANT_APPS", None)
    shared: Sequence[str] = getattr(django_settings, "SHARED_APPS", ())
    if tenant_apps is None or ("rls_module" in tenant_apps and "rls_module" not in shared):
        return []
    hint = "List it in TENANT_APPS before the first migrate, and not in SHARED_APPS: patients live in the tenants."
    return [error("014", "rls_module is not an app of the tenants.", hint)]


@register(TAG)
def named_things_import(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E015: ADMIN_SITE. E016: FILE_STORAGE. E017: decorators, authentication classes, channels, gate and clock."""
    found = list(_unimportable())
    storage = read("FILE_STORAGE")
    if storage and storage not in django_settings.STORAGES:
        found.append(error("016", f"FILE_STORAGE: STORAGES has no '{storage}'.", "Name an alias of STORAGES, or None."))
    site = read("ADMIN_SITE")
    if site and apps.is_installed("django.contrib.admin") and not _is_admin_site(site):
        found.append(error("015", f"ADMIN_SITE '{site}' is no AdminSite.", "Name an AdminSite, or false for none."))
    return found


def _is_admin_site(path: str) -> bool:
    try:
        return isinstance(import_string(path), AdminSite)
    except ImportError:
        return False


def _unimportable() -> Iterator[CheckMessage]:
    built_in = {"email", "print", "staff"}
    for key in ("PUBLIC_DECORATORS", "AUTHENTICATION_CLASSES", "CHANNELS", "STAFF_GATE", "CLOCK"):
        value = read(key) or ()
        for path in [value] if isinstance(value, str) else value:
            if path not in built_in and not _imports(path):
                yield error("017", f"{key}: '{path}' can't be imported.", "Write the dotted path of what exists.")


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
        found.append(error("018", "USE_TZ is False: due times would be ambiguous.", "Set USE_TZ = True."))
    if not read("LINK_KEYS"):
        hint = "Set RLS_MODULE['LINK_KEYS'] = {'2026a': '<a long random secret>'}, the newest key first."
        found.append(error("020", "LINK_KEYS is empty: no patient link can be made.", hint))
    return found


@register(TAG)
def addresses_are_reachable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E019: our URLs are not included in the host's."""
    try:
        get_resolver()
        reverse("rls:worklist")
    except (NoReverseMatch, Resolver404, ImportError):
        hint = 'Add path("rls/", include("rls_module.urls")) and path("q/", include("rls_module.surveys.urls")).'
        return [error("019", "rls_module.urls is not reachable from ROOT_URLCONF.", hint)]
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
    return [warning("007", f"The host adapter leaves {name}() at its default.", hint) for name in left]


@register(TAG)
def something_turns_the_engine(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W001: the host runs Celery, and no beat entry runs our task. A schedule kept in tables can't be read here."""
    is_run = bool(getattr(django_settings, "CELERY_BROKER_URL", None) or getattr(django_settings, "BROKER_URL", None))
    if not is_run or apps.is_installed("django_celery_beat"):
        return []
    schedule = getattr(django_settings, "CELERY_BEAT_SCHEDULE", None) or {}
    if any(entry.get("task") == "rls_module.tick" for entry in schedule.values()):
        return []
    hint = "Add {'task': 'rls_module.tick', 'schedule': 15.0}, or cron: */5 * * * * manage.py rls_followups run --once"
    return [warning("001", "No beat entry runs rls_module.tick: follow-ups do not go out by Celery.", hint)]


@register(TAG)
def patients_pass_the_wall(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W004: a login wall that knows nothing of Django's exemption, and no exemption of its own named."""
    if read("PUBLIC_DECORATORS"):
        return []
    walls = [path for path in django_settings.MIDDLEWARE if _is_wall(path)]
    hint = "Name the wall's own exemption in PUBLIC_DECORATORS, or patients meet a login."
    return [warning("004", f"The middleware {path} may stand before patients' links.", hint) for path in walls]


def _is_wall(path: str) -> bool:
    if path.startswith("django.") or not re.search(r"login|signin|wall|auth.*required", path, re.IGNORECASE):
        return False
    try:
        found = import_string(path)
    except ImportError:
        return False
    return not (isinstance(found, type) and issubclass(found, LoginRequiredMiddleware))


@register(TAG)
def django_is_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W009: a Django that is newer than those this was tried with."""
    if django.VERSION[:2] <= NEWEST_DJANGO:
        return []
    newest = ".".join(map(str, NEWEST_DJANGO))
    hint = f"Install with your constraints file; up to {newest} the suite passes."
    return [warning("009", f"Django {django.get_version()} is newer than {newest}, the newest tried.", hint)]
