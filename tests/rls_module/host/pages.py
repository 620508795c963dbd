"""How tests read the therapist's pages: a signed-in client, and a page as its fields, ids, links and words."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests import clock

MONDAY = datetime(2026, 9, 7, 14, 0, tzinfo=UTC)  # 10:00 in the clinic


@pytest.fixture
def at(settings):
    """The clinic under a clock that a test can move; it starts on Monday at ten."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"CLOCK": "tests.clock.now"}
    clock.put(MONDAY)
    yield clock.put
    clock.clear()


def signed_in(user: Any) -> Client:
    """A browser in which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return client


class Page(HTMLParser):
    """What a browser would hold of a page: ids, links, words, and what each control would send."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sends: dict[str, list[str]] = defaultdict(list)
        self.buttons: list[tuple[str, str]] = []
        self._words: list[str] = []
        self._select, self._first = "", [""]
        self._area: str | None = None
        self.feed(response.content.decode())
        self.close()

    @property
    def words(self) -> str:
        """All text of the page with single spaces."""
        return " ".join(" ".join(self._words).split())

    @property
    def targets(self) -> list[str]:
        """Where the links of the error summary lead."""
        return [link[1:] for link in self.links if link.startswith("#") and link != "#rls-page"]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if "id" in given:
            self.ids.append(given["id"])
        name, value = given.get("name", ""), given.get("value", "")
        match tag:
            case "a":
                self.links.append(given.get("href", ""))
            case "input" if given.get("type") in ("radio", "checkbox"):
                if "checked" in given:
                    self.sends[name].append(given.get("value", "on"))
            case "input" if value:
                self.sends[name].append(value)
            case "select":
                self._select, self._first = name, [""] if "multiple" in given else []
            case "option" if self._select:
                self._first = self._first or [value]
                if "selected" in given:
                    self._first = [""]
                    if value:
                        self.sends[self._select].append(value)
            case "textarea":
                self._area, self._text = name, ""
            case "button":
                self.buttons.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":  # with nothing chosen, a browser sends what stands first
            if self._first and self._first[0] and self._select:
                self.sends[self._select].append(self._first[0])
            self._select = ""
        if tag == "textarea" and self._area is not None:
            text = self._text.removeprefix("\n")
            if text:
                self.sends[self._area].append(text)
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data
        self._words.append(data)


def sent(values: dict[str, Any]) -> dict[str, list[str]]:
    """What a form was sent, as `Page.sends` has it: what was left empty is not there."""
    lists = {
        name: [str(one) for one in (value if isinstance(value, list) else [value])] for name, value in values.items()
    }
    return {name: [one for one in texts if one] for name, texts in lists.items() if any(texts)}


def held(page: Page, values: dict[str, Any]) -> dict[str, list[str]]:
    """What the page would send again for the names in `values`."""
    return {name: page.sends[name] for name in sent(values)}
