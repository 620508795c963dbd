"""The one class a host writes. It answers questions; it never does work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from rls_module import conf

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Birth:
    """What the host knows of a birth: the exact date, only the year, only an age in years, or nothing."""

    on: date | None = None
    year: int | None = None
    age: int | None = None


def _host_zone() -> ZoneInfo:
    return ZoneInfo(django_settings.TIME_ZONE)


@dataclass(frozen=True, slots=True)
class Brand:
    """How one scope shows itself to patients. `mail_name` is the name in mails, where it differs from `name`."""

    name: str
    phone: str = ""
    accent: str = ""
    zone: ZoneInfo = field(default_factory=_host_zone)
    mail_name: str = ""
    emergency_number: str = "911"
    crisis_line: str = "988"

    @property
    def sender(self) -> str:
        """The only name that mails and patient pages carry."""
        return self.mail_name or self.name


@dataclass(frozen=True, slots=True)
class Respondent:
    """Somebody who may answer for a patient: the patient (`role` "patient") or a proxy."""

    ref: str
    role: str = "patient"
    name: str = ""
    email: str | None = None
    phone: str | None = None


class HostAdapter:
    """Subclass it, name the subclass in RLS_MODULE["ADAPTER"]. One instance per process, no state.

    Everything denies by default: a host grants access by answering, never by omission.
    """

    # Who the patients are

    def patients(self) -> QuerySet[Any]:
        """Return every patient of the host, for jobs and pickers; override where staff share the table."""
        return apps.get_model(conf.get("PATIENT_MODEL"))._default_manager.all()

    def is_active(self, patient: Any) -> bool:
        """Return False for a patient who died, left or is softly deleted: nothing is sent, links stay closed."""
        return True

    def display_name(self, patient: Any) -> str:
        """Return the name for therapist pages and print. Never used in mail, URLs or logs. Required."""
        raise ImproperlyConfigured("A host adapter must say how a patient is named: override display_name().")

    def public_ref(self, patient: Any) -> str:
        """Return a reference that staff know the patient by and that names nobody."""
        return str(patient.pk)

    def email(self, patient: Any) -> str | None:
        """Return the address for survey mail; None is a normal state that staff see."""
        return None

    def phone(self, patient: Any) -> str | None:
        """Return the number for the call list."""
        return None

    def birth(self, patient: Any) -> Birth:
        """Return what is known of the birth."""
        return Birth()

    def timezone(self, patient: Any) -> ZoneInfo:
        """Return the zone whose wall time the patient lives by."""
        return _host_zone()

    def language(self, patient: Any) -> str:
        """Return the language of mails and survey pages."""
        return django_settings.LANGUAGE_CODE

    def consent(self, patient: Any, purpose: str) -> bool | None:
        """Return True or False where the host keeps consent for email, survey, needling or research; else None."""
        return None

    def respondents(self, patient: Any) -> list[Respondent]:
        """Return who may answer a survey; by default the patient alone."""
        return [Respondent(ref=str(patient.pk), email=self.email(patient), phone=self.phone(patient))]

    # Who is asking, and what they may do

    def request_user(self, request: HttpRequest) -> Any | None:
        """Return the signed-in user of a staff request, or None."""
        user = getattr(request, "user", None)
        return user if user is not None and user.is_authenticated else None

    def visible_patients(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the patients whose name and number this request may see. An empty answer means no access."""
        return self.patients().none()

    def patients_to_ask(self, request: HttpRequest, action: str) -> QuerySet[Any]:
        """Return visible patients that include all on whom `can` may grant `action`: lists ask `can` of no others."""
        return self.visible_patients(request)

    def can(self, request: HttpRequest, action: str, patient: Any | None) -> bool:
        """Return True, literally, to allow `action` (see rls_module.host.ACTIONS) on `patient`."""
        return False

    def practitioners(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the users who can be named as a therapist."""
        user = self.request_user(request)
        users = apps.get_model(django_settings.AUTH_USER_MODEL)._default_manager.all()
        return users.filter(pk=user.pk) if user is not None else users.none()

    def practitioner_name(self, user: Any) -> str:
        """Return the printed name that is kept with what this user writes and signs."""
        full_name = user.get_full_name() if hasattr(user, "get_full_name") else ""
        return full_name or user.get_username()

    def privacy_contacts(self, scope: str) -> Iterable[str]:
        """Return the mail addresses of those who are told when a chart of `scope` was opened in an emergency."""
        return ()

    # Visits, as the host books them

    def visits_for(self, patient: Any) -> Iterable[Any]:
        """Return the host's visits of one patient."""
        return ()

    def visits_on(self, request: HttpRequest, day: date) -> Iterable[Any]:
        """Return the host's visits of one day that this request may see."""
        return ()

    def visit_ref(self, visit: Model) -> str:
        """Return the reference under which a charted visit remembers the host's."""
        return f"{visit._meta.label_lower}:{visit.pk}"

    def visit_from_ref(self, ref: str) -> Any | None:
        """Return the host's visit of a reference, or None when it is gone."""
        label, _, key = ref.partition(":")
        try:
            model = apps.get_model(label)
            return model._base_manager.filter(pk=key).first()
        except (LookupError, ValueError, TypeError):
            return None

    def visit_patient_pk(self, visit: Any) -> str | None:
        """Return str(pk) of the visit's patient, or None. Required where visits_for is overridden."""
        raise ImproperlyConfigured("A host adapter with visits must say whose they are: override visit_patient_pk().")

    def visit_start(self, visit: Any) -> datetime | date | None:
        """Return when the visit starts, as exactly as the host knows it."""
        return None

    def other_minutes(self, patient: Any, day: date) -> Mapping[str, int] | None:
        """Return the day's one-on-one minutes by timed code that are charged besides RLS visits; None = not known."""
        return None

    def patient_url(self, patient: Any) -> str | None:
        """Return the address of the patient in the host's own pages."""
        return None

    def visit_url(self, visit: Any) -> str | None:
        """Return the address of the visit in the host's own pages."""
        return None

    # Tenants or clinics, which the plugin calls scopes

    def scope_of(self, patient: Any) -> str:
        """Return the tenant or clinic of a patient; stored on the chart, followed by protocols, brand and links."""
        return "default"

    def search(self, request: HttpRequest, text: str) -> QuerySet[Any]:
        """Return the visible patients that match what staff typed; by default those whose key it is."""
        try:
            return self.visible_patients(request).filter(pk=text)
        except (ValueError, TypeError):
            return self.patients().none()

    def scopes(self) -> Iterator[tuple[str, AbstractContextManager[Any]]]:
        """Yield every scope's label with the context in which its rows can be reached."""
        yield "default", nullcontext()

    def request_scope(self, request: HttpRequest) -> str | None:
        """Return the scope of a request; None (no tenant) is answered with our own 404."""
        return "default"

    def base_url(self, scope: str) -> str:
        """Return scheme and host of links in mail; never taken from a Host header."""
        return conf.get("BASE_URL")

    def brand(self, scope: str) -> Brand:
        """Return how the scope shows itself to patients."""
        return Brand(name=conf.get("CLINIC_NAME"))


def adapter() -> HostAdapter:
    """Return the host's adapter; raises ImproperlyConfigured, in words, when RLS_MODULE["ADAPTER"] names none."""
    return _instance(conf.get("ADAPTER"))


@cache
def _instance(path: str) -> HostAdapter:
    try:
        found = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f"RLS_MODULE['ADAPTER'] = '{path}' cannot be imported: {error}.") from error
    if not (isinstance(found, type) and issubclass(found, HostAdapter)):
        raise ImproperlyConfigured(
            f"RLS_MODULE['ADAPTER'] = '{path}' is not a subclass of rls_module.host.HostAdapter."
        )
    return found()


def databases() -> Iterator[AbstractContextManager[Any]]:
    """Yield the context of each set of tables: one for each scope that must be entered, one for all others together."""
    contexts = [context for _label, context in adapter().scopes()]
    entered = [context for context in contexts if not isinstance(context, nullcontext)]
    yield from entered
    if len(entered) < len(contexts) or not contexts:
        yield nullcontext()
