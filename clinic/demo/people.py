"""Who lives in the demo: clinics, staff and patients, all invented, with addresses and numbers that reach nobody."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from clinic.models import Role


@dataclass(frozen=True, slots=True)
class Place:
    """A clinic of the demo."""

    slug: str
    name: str
    mail_name: str
    phone: str
    zone: str
    accent: str
    record_prefix: str
    first_record: int
    first_phone: int


@dataclass(frozen=True, slots=True)
class Colleague:
    """An account of the demo."""

    username: str
    given: str
    family: str
    title: str
    clinic: str
    role: str

    @property
    def printed_name(self) -> str:
        """The name as it stands under a note, with the title."""
        return f"{self.given} {self.family}{', ' if self.title else ''}{self.title}"


@dataclass(frozen=True, slots=True)
class Person:
    """A patient: `sex` is f or m, `age` in whole years today, `story` the course of care this one plays ("" = none).

    A mailbox that is gone is refused by the mail server.
    """

    given: str
    family: str
    sex: str
    age: int
    therapist: str
    story: str
    language: str = "en"
    has_mail: bool = True
    is_mailbox_gone: bool = False
    reason: str = "Treatment"
    is_archived: bool = False

    @property
    def address(self) -> str:
        """The mail address, empty where there is none; it reaches nobody."""
        if not self.has_mail:
            return ""
        plain = unicodedata.normalize("NFKD", f"{self.given}.{self.family}").encode("ascii", "ignore").decode()
        return f"{plain.replace(chr(39), '').lower()}@example.org"


PLACES = (
    Place(
        slug="riverside",
        name="Riverside Physical Therapy",
        mail_name="Riverside Clinic",
        phone="555-0100",
        zone="America/New_York",
        accent="#1f5f5b",
        record_prefix="RS",
        first_record=1001,
        first_phone=101,
    ),
    Place(
        slug="hillcrest",
        name="Hillcrest Physical Therapy",
        mail_name="Hillcrest Clinic",
        phone="555-0150",
        zone="America/Denver",
        accent="#5b3f8c",
        record_prefix="HC",
        first_record=2001,
        first_phone=151,
    ),
)

STAFF = (
    Colleague("therapist", "Dana", "Whitfield", "PT", "riverside", Role.THERAPIST),
    Colleague("colleague", "Marco", "Bellini", "PT", "riverside", Role.THERAPIST),
    Colleague("admin", "Lena", "Ortiz", "", "riverside", Role.CLINIC_ADMIN),
    Colleague("stranger", "Ruth", "Okafor", "PT", "hillcrest", Role.THERAPIST),
)

# The first of each story is its worked patient; the others vary it.
RIVERSIDE = (
    Person("Alma", "Abbott", "f", 58, "therapist", "improver"),
    Person("Carmen", "Haddad", "f", 46, "therapist", "improver"),
    Person("Bao", "O'Neill", "m", 71, "colleague", "improver"),
    Person("Denise", "Vargas", "f", 63, "therapist", "improver"),
    Person("Farah", "Eriksen", "f", 35, "therapist", "improver"),
    Person("Elias", "Lindqvist", "m", 55, "colleague", "improver"),
    Person("Grace", "Suzuki", "f", 77, "colleague", "improver"),
    Person("Henry", "Baker", "m", 66, "therapist", "early_plateau"),
    Person("Inés", "Ibarra", "f", 59, "therapist", "early_plateau", language="es"),
    Person("Kavita", "Peña", "f", 48, "colleague", "early_plateau"),
    Person("Joao", "Whitlock", "m", 52, "therapist", "resolved"),
    Person("Moira", "Flores", "f", 49, "therapist", "no_change"),
    Person("Luis", "Morales", "m", 67, "therapist", "no_change", language="es"),
    Person("Nadia", "Tanaka", "f", 72, "colleague", "no_change"),
    Person("Priya", "Castillo", "f", 57, "colleague", "no_change"),
    Person("Rosa", "Jansen", "f", 71, "therapist", "worsening"),
    Person("Owen", "Quiroga", "m", 60, "colleague", "worsening"),
    Person("Quentin", "Zimmer", "m", 63, "therapist", "augmentation"),
    Person("Ursula", "Goldberg", "f", 69, "colleague", "augmentation"),
    Person("Samuel", "Nguyen", "m", 44, "therapist", "silent"),
    Person("Wanda", "Ueda", "f", 38, "therapist", "silent"),
    Person("Tomás", "Duarte", "m", 29, "colleague", "silent"),
    Person("Zofia", "Kowalski", "f", 81, "colleague", "silent"),
    Person("Alma", "Rossi", "f", 39, "therapist", "incidental"),
    Person("Viktor", "Duarte", "m", 51, "therapist", "incidental"),
    Person("Carmen", "Kowalski", "f", 34, "therapist", "iron_low"),
    Person("Denise", "Rossi", "f", 27, "therapist", "iron_low"),
    Person("Bao", "Abbott", "m", 61, "therapist", "mimic"),
    Person("Farah", "Haddad", "f", 68, "therapist", "mimic"),
    Person("Elias", "O'Neill", "m", 74, "therapist", "mimic"),
    # On the list today for something else, with no RLS chart: the newcomer screens this one.
    Person("Grace", "Lindqvist", "f", 47, "therapist", "", reason="Heel pain, right, mornings"),
    Person("Henry", "Suzuki", "m", 64, "therapist", "", reason="Knee after surgery"),
    Person("Priya", "Nguyen", "f", 53, "colleague", "", reason="Neck pain"),
    Person("Samuel", "Baker", "m", 79, "therapist", "", is_archived=True),
)
HILLCREST = (
    Person("Grace", "Vargas", "f", 62, "stranger", "improver"),
    Person("Henry", "Eriksen", "m", 56, "stranger", "improver"),
    Person("Inés", "Lindqvist", "f", 53, "stranger", "improver"),
    Person("Kavita", "Suzuki", "f", 84, "stranger", "improver", has_mail=False),
    Person("Joao", "Baker", "m", 65, "stranger", "early_plateau"),
    Person("Moira", "Ibarra", "f", 50, "stranger", "early_plateau"),
    Person("Nadia", "Peña", "f", 47, "stranger", "resolved"),
    Person("Priya", "Whitlock", "f", 64, "stranger", "no_change"),
    Person("Luis", "Flores", "m", 58, "stranger", "no_change", language="es"),
    Person("Rosa", "Morales", "f", 73, "stranger", "worsening", language="es"),
    Person("Owen", "Tanaka", "m", 70, "stranger", "augmentation"),
    Person("Quentin", "Castillo", "m", 41, "stranger", "silent"),
    Person("Ursula", "Jansen", "f", 33, "stranger", "silent", is_mailbox_gone=True),
    Person("Wanda", "Quiroga", "f", 45, "stranger", "incidental"),
    Person("Zofia", "Zimmer", "f", 61, "stranger", "incidental"),
    Person("Alma", "Goldberg", "f", 24, "stranger", "iron_low"),
    Person("Carmen", "Nguyen", "f", 31, "stranger", "iron_low"),
    Person("Denise", "Ueda", "f", 55, "stranger", "mimic"),
    Person("Bao", "Zimmer", "m", 36, "stranger", "", reason="Shoulder pain"),
)
PATIENTS = {"riverside": RIVERSIDE, "hillcrest": HILLCREST}
