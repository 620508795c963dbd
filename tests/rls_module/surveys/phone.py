"""A patient's browser without a window: reads a page's forms, fills in what is asked, presses a button, goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from rls_module.followups import links, queries
from rls_module.followups.models import Occurrence

Answers = Mapping[str, str | list[str]]

# What a patient who is a little better says, page by page.
ANSWERS: dict[str, Answers] = {
    "nights": {"nights": "3"},
    "strength": {"worst": "5", "usual": "4"},
    "start": {"start": "1260"},
    "places": {"places": ["lower_legs"]},
    "awake": {"awake": "2"},
    "days": {"rested": "4", "tired": "2"},
    "activities": {"activity.1": "6"},
    "new_problem": {"new_problem": ["none"]},
    "medicines": {"med_change": "no"},
    "change": {"change": "2"},
    "closing": {"comment": "The calf is softer.", "call_me": "no"},
}
MANY_PAGES = 40


def link(occurrence: Occurrence, purpose: links.Purpose = "survey") -> str:
    """The address that a mail about `occurrence` carries."""
    name = "unsubscribe" if purpose == "unsubscribe" else "survey"
    return reverse(f"rls_surveys:{name}", args=[queries.link_token(occurrence, purpose)])


@dataclass
class Form:
    """One form as it stands on the page: what it would send if only a button were pressed."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)  # name -> the values to pick from
    buttons: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.picked: list[str] = []
        self._area = self._select = ""
        self._is_in_form = self._is_in_link = False
        self._silent = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        self.words += [a[name] for name in ("aria-label", "title", "alt", "placeholder", "content") if name in a]
        name, value = a.get("name", ""), a.get("value", "")
        form = self.forms[-1] if self._is_in_form else Form("")
        match tag:
            case "form":
                self.forms.append(Form(a.get("action", "")))
                self._is_in_form = True
            case "script" | "style":
                self._silent += 1
            case "a":
                self._is_in_link = True
                self.links.append((a.get("href", ""), ""))
            case "button" if name == "do":
                form.buttons.append(value)
            case "input" if a.get("type") in ("radio", "checkbox"):
                form.offered.setdefault(name, []).append(value)
                if "checked" in a:
                    form.fields.setdefault(name, []).append(value)
                    self.picked.append(f"{name}={value}")
            case "input":
                form.fields[name] = [value]
                if a.get("type") == "text" and value:
                    self.picked.append(f"{name}={value}")
            case "textarea":
                form.fields[name] = [""]
                self._area = name
            case "select":
                form.fields[name] = [""]
                self._select = name
            case "option" if self._select:
                form.offered.setdefault(self._select, []).append(value)
                if "selected" in a:
                    form.fields[self._select] = [value]
                    self.picked.append(f"{self._select}={value}")

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._is_in_form = False
            case "script" | "style":
                self._silent -= 1
            case "textarea":
                written = self.forms[-1].fields[self._area][0].removeprefix("\n")
                self.forms[-1].fields[self._area] = [written]
                if written:
                    self.picked.append(f"{self._area}={written}")
                self._area = ""
            case "select":
                self._select = ""
            case "a":
                self._is_in_link = False

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._area:
            self.forms[-1].fields[self._area][0] += data
        if self._is_in_link:
            url, said = self.links[-1]
            self.links[-1] = (url, " ".join(f"{said} {data}".split()))
        self.words.append(data)


class Page:
    """What came back, and what can be read and pressed on it."""

    def __init__(self, url: str, response: HttpResponse) -> None:
        self.url = url
        self.response = response
        self.status = response.status_code
        self.html = response.content.decode()
        read = _Reader(self.html)
        self.forms = read.forms
        self.links = read.links
        self.picked = read.picked  # what stands in the page's controls already
        self.text = " ".join(" ".join(read.words).split())  # whatever a person can see or hear

    @property
    def key(self) -> str:
        """Which page of the survey this is, by its address."""
        return parse_qs(urlsplit(self.url).query).get("page", [""])[0]

    @property
    def form(self) -> Form:
        """The page's own form."""
        [form] = self.forms
        return form

    @property
    def way_on(self) -> str:
        """Where advice leads, in whatever language it is."""
        [then] = parse_qs(urlsplit(self.url).query)["then"]
        return next(url for url, _ in self.links if urlsplit(url).query.startswith(f"page={then}"))

    def link(self, words: str) -> str:
        """Where the link with these words leads."""
        return {said: url for url, said in self.links}[words]


class Phone:
    """One browser of one patient. Everything it ever got is in `trail`, redirects too."""

    def __init__(self, *, takes_cookies: bool = True, client: Client | None = None) -> None:
        self.client = client or Client(enforce_csrf_checks=True)
        self.takes_cookies = takes_cookies
        self.trail: list[tuple[str, HttpResponse]] = []
        self.page: Page

    @property
    def pages(self) -> list[Page]:
        """Every page that was shown."""
        return [Page(url, response) for url, response in self.trail if response.status_code != 303]

    def get(self, url: str, **headers: Any) -> Page:
        """Go to an address, and on to where it sends us."""
        return self._show(url, self.client.get(url, **headers))

    def post(self, url: str, data: Any, **more: Any) -> Page:
        """Send something, and go on to where that leads."""
        return self._show(url, self.client.post(url, data, **more))

    def press(self, button: str, answers: Answers | None = None, *, form: Form | None = None) -> Page:
        """Fill in the page's form, press its button with this value."""
        form = form or next(one for one in self.page.forms if button in one.buttons)
        sent = form.fields | {name: one if isinstance(one, list) else [one] for name, one in (answers or {}).items()}
        return self.post(urljoin(self.page.url, form.action) or self.page.url, sent | {"do": [button]})

    def follow(self, words: str) -> Page:
        """Tap the link with these words."""
        return self.get(self.page.link(words))

    def start(self, occurrence: Occurrence) -> Page:
        """Open the link of the mail and press Start."""
        self.get(link(occurrence))
        return self.press("start")

    def answer(self, answers: Answers | None = None) -> Page:
        """Answer the page we are on: with `answers`, else as ever."""
        return self.press("next", ANSWERS[self.page.key] if answers is None else answers)

    def answer_until(self, key: str, said: Mapping[str, Answers] | None = None) -> Page:
        """Answer page after page (`said`: other answers of some pages) until the page `key` is there."""
        for _ in range(MANY_PAGES):
            if self.page.key == key:
                return self.page
            assert self.page.status in (200, 422), self.page.text
            if self.page.key == "advice":
                self.get(self.page.way_on)
            else:
                self.answer((said or {}).get(self.page.key))
        raise AssertionError(f"{key} never came; the last page is {self.page.url}")

    def send_in(self, occurrence: Occurrence, said: Mapping[str, Answers] | None = None) -> Page:
        """The whole survey, from the link to the receipt."""
        self.start(occurrence)
        self.answer_until("review", said)
        return self.press("send")

    def _show(self, url: str, response: HttpResponse) -> Page:
        self.trail.append((url, response))
        if not self.takes_cookies:
            self.client.cookies.clear()
        if response.status_code == 303:
            target = urljoin(url, response.headers["Location"])
            return self._show(target, self.client.get(target))
        self.page = Page(url, response)
        return self.page
