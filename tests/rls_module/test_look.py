"""The rules of the look: nothing leaks, nothing inline, nothing from elsewhere, readable in light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).parents[2] / "rls_module"
STYLES = sorted((ROOT / "static").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [one for one in TEMPLATES if "emails" not in one.parts]  # mail clients know no stylesheet

LONGEST_TEMPLATE = 80
INLINE = re.compile(r"\sstyle\s*=|<style\b|<script\b(?![^>]*\ssrc=)|\son[a-z]+\s*=|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(r"https?:|@import|url\(|(?<=[\"'(=])//\w", re.IGNORECASE)
ONE_SIDED = re.compile(
    r"\b(?:margin|padding|border|inset)-(?:left|right)\b|[;{\s](?:left|right)\s*:|:\s*(?:left|right)\s*[;}]"
)


def plain(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def without_arguments(selector: str) -> str:
    """A selector without what stands in the parentheses of :is(), :not() and the like."""
    while (shorter := re.sub(r"\([^()]*\)", "", selector)) != selector:
        selector = shorter
    return selector


def leaks(css: str) -> list[str]:
    """Selectors that reach an element outside .rls, and at-rules that name something for the whole page."""
    found = []
    for prelude in re.findall(r"([^{};]+)\{", plain(css)):
        rule = " ".join(prelude.split())
        if rule.startswith("@"):
            found += [] if re.match(r"@(layer rls|media|supports)\b", rule) else [rule]
            continue
        found += [
            one.strip()
            for one in without_arguments(rule).split(",")
            if not re.search(r"(^|[\s>+~\w])\.rls(?![\w-])", one)
        ]
    return found


def unlayered(css: str) -> str:
    """What stands outside of @layer rls."""
    text = plain(css).strip()
    opening = re.match(r"@layer rls \{", text)
    if not opening:
        return text
    depth = 0
    for place, char in enumerate(text):
        depth += {"{": 1, "}": -1}.get(char, 0)
        if char == "}" and depth == 0:
            return text[place + 1 :].strip()
    return "an open brace"


def tokens(css: str) -> tuple[dict[str, str], dict[str, str]]:
    """The colours of the light and of the dark scheme."""
    light, dark = (
        dict(re.findall(r"--([\w-]+): (?:var\([\w-]+, )?(#\w+)", part))
        for part in css.split("prefers-color-scheme: dark", 1)
    )
    return light, light | dark


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_there_is_something_to_look_at():
    assert len(STYLES) >= 4
    assert SCRIPTS
    assert len(PAGES) > 20


@pytest.mark.parametrize("path", STYLES, ids=names(STYLES))
def test_every_rule_stays_under_rls_and_in_its_layer(path):
    assert leaks(path.read_text()) == []
    assert unlayered(path.read_text()) == ""


@pytest.mark.parametrize(
    "css",
    [
        "h1 { margin: 0 }",
        ".rls h1, h2 { margin: 0 }",
        ".rlsx h1 { margin: 0 }",
        ".rls-bar { margin: 0 }",
        "@media print { :root { color: red } }",
        "p:not(.rls p) { color: red }",
        "@font-face { font-family: x }",
        "@keyframes spin { to { rotate: 1turn } }",
    ],
)
def test_a_rule_for_the_whole_page_is_found(css):
    assert leaks(css) != []


@pytest.mark.parametrize(
    "css", [".rls h1 { margin: 0 }", "@layer rls { .rls { margin: 0 } } p { margin: 0 }", "@layer rls { .rls {"]
)
def test_a_rule_outside_the_layer_is_found(css):
    assert unlayered(css) != ""


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_no_page_has_inline_style_or_script(path):
    assert INLINE.findall(path.read_text()) == []


@pytest.mark.parametrize(
    "page",
    [
        '<p style="color: red">',
        "<p STYLE = x>",
        "<style>",
        "<script>x()</script>",
        "<a onclick='x()'>",
        '<a href="javascript:x()">',
    ],
)
def test_inline_style_and_script_are_found(page):
    assert INLINE.search(page)


@pytest.mark.parametrize("path", STYLES + SCRIPTS + PAGES, ids=names(STYLES + SCRIPTS + PAGES))
def test_nothing_comes_from_elsewhere(path):
    assert ELSEWHERE.findall(path.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        '<img src="https://cdn.example/x.png">',
        '<script src="//cdn.example/x.js">',
        "@import 'x.css';",
        "a { background: url(x.png) }",
    ],
)
def test_something_from_elsewhere_is_found(text):
    assert ELSEWHERE.search(text)


@pytest.mark.parametrize("path", STYLES, ids=names(STYLES))
def test_no_rule_knows_left_from_right(path):
    assert ONE_SIDED.findall(plain(path.read_text())) == []


@pytest.mark.parametrize("css", ["a { margin-left: 0 }", "a { left: 0 }", "a { text-align: right; }", "a{float:left}"])
def test_a_rule_that_breaks_right_to_left_pages_is_found(css):
    assert ONE_SIDED.search(css)


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_a_template_fits_on_one_screen(path):
    assert len(path.read_text().splitlines()) <= LONGEST_TEMPLATE


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_every_static_file_that_a_template_names_is_there(path):
    named = re.findall(r"{% (?:static|asset) ['\"]([^'\"]+)", path.read_text())
    assert [one for one in named if not (ROOT / "static" / one).is_file()] == []


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        ("ink", "paper", 4.5),
        ("ink", "ground", 4.5),
        ("soft", "paper", 4.5),
        ("soft", "ground", 4.5),
        ("accent", "paper", 4.5),
        ("accent", "ground", 4.5),
        ("on-accent", "accent", 4.5),
        ("ink", "safe-bg", 4.5),
        ("ink", "watch-bg", 4.5),
        ("ink", "act-bg", 4.5),
        ("safe", "safe-bg", 4.5),
        ("watch", "watch-bg", 4.5),
        ("act", "act-bg", 4.5),
        ("act", "paper", 4.5),
        ("act", "ground", 4.5),
        ("on-act", "act", 4.5),
        ("edge", "paper", 3),
        ("edge", "ground", 3),
    ],
)
def test_every_pair_of_colours_can_be_read(scheme, front, back, least):
    colours = tokens((ROOT / "static/rls_module/css/rls.css").read_text())[scheme]
    assert contrast(colours[front], colours[back]) >= least


def test_the_two_schemes_differ_and_contrast_is_measured_as_wcag_does():
    light, dark = tokens((ROOT / "static/rls_module/css/rls.css").read_text())
    assert light["paper"] != dark["paper"]
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)


GROUP = """<div class="rls"><fieldset data-exclusive-group>
<input type="checkbox" name="a" value="1"><input type="checkbox" name="a" value="2">
<input type="checkbox" name="a" value="none" data-exclusive></fieldset></div>"""
NOTE = '<div class="rls"><form method="post"{mark}><textarea name="note"></textarea><button>Save</button></form></div>'


def with_script(page: Page, body: str) -> Page:
    page.set_content(f"<!doctype html><html lang='en'><body>{body}</body></html>")
    page.add_script_tag(path=ROOT / "static/rls_module/js/rls.js")
    return page


def ticked(page: Page) -> list[str]:
    return page.eval_on_selector_all("input:checked", "boxes => boxes.map(box => box.value)")


def asks_before_leaving(page: Page) -> bool:
    return page.evaluate("!window.dispatchEvent(new Event('beforeunload', {cancelable: true}))")


@pytest.mark.browser
def test_none_of_these_and_the_others_untick_each_other(page: Page):
    with_script(page, GROUP)
    for value, expected in (("1", ["1"]), ("2", ["1", "2"]), ("none", ["none"]), ("2", ["2"])):
        page.check(f"input[value='{value}']")
        assert ticked(page) == expected


@pytest.mark.browser
@pytest.mark.parametrize(
    ("mark", "typed", "asked"),
    [
        (" data-guard", "", False),
        (" data-guard", "a word", True),
        ("", "a word", False),
    ],
)
def test_leaving_a_changed_form_asks_first(page: Page, mark, typed, asked):
    with_script(page, NOTE.format(mark=mark))
    page.type("textarea", typed)
    assert asks_before_leaving(page) is asked


@pytest.mark.browser
def test_leaving_a_form_that_came_back_with_errors_asks_first(page: Page):
    summary = '<div class="rls"><div class="error-summary" tabindex="-1">Look</div></div>'
    with_script(page, summary + NOTE.format(mark=" data-guard"))
    assert asks_before_leaving(page) is True


@pytest.mark.browser
def test_sending_a_form_asks_nothing(page: Page):
    with_script(page, NOTE.format(mark=" data-guard"))
    page.type("textarea", "a word")
    page.evaluate("document.forms[0].dispatchEvent(new Event('submit', {bubbles: true, cancelable: true}))")
    assert asks_before_leaving(page) is False


@pytest.mark.browser
def test_a_page_that_came_back_starts_at_its_error_summary(page: Page):
    with_script(page, '<div class="rls"><div class="error-summary" tabindex="-1">Look</div></div>')
    assert page.evaluate("document.activeElement.className") == "error-summary"
