"""HTML: balanced, escaped, self-contained, and the note in it is the note."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest
from hypothesis import given

from cac.output._style import STYLE
from cac.output.html import html_page, result_html
from cac.result import CodingResult
from cac.types import Evidence
from tests.output.samples import NOTE, nothing, quote, results, sample

VOID = {"meta", "br"}


@dataclass
class Page(HTMLParser):
    """Checks that tags nest; collects tags, classes, and the note pane with its marks."""

    stack: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    attributes: list[tuple[str, str | None]] = field(default_factory=list)
    note: str = ""
    marks: list[tuple[str, str, str]] = field(default_factory=list)
    pane: int | None = None

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        named = dict(attrs)
        if tag not in VOID:
            self.stack.append(tag)
        if named.get("class") == "cac-note":
            self.pane = len(self.stack)
        if tag == "mark" and self.pane:
            self.marks.append((named["class"] or "", named["title"] or "", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag
        if self.pane and len(self.stack) < self.pane:
            self.pane = None

    def handle_data(self, data: str) -> None:
        if not self.pane:
            return
        self.note += data
        if self.stack[-1] == "mark":
            look, title, text = self.marks[-1]
            self.marks[-1] = (look, title, text + data)


def parsed(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    assert page.stack == []
    return page


def test_the_note_stands_in_the_page_as_it_is() -> None:
    assert parsed(result_html(sample())).note == NOTE


@pytest.mark.parametrize(
    ("words", "look", "title"),
    [
        # a code's evidence, in two places
        ("type 2 diabetes", "cac-on", "E11.22 Type 2 diabetes mellitus with"),
        ("Hypertension", "cac-on", "I12.9"),
        # below the threshold
        ("Cough", "cac-weak", "R05.9"),
        # left out, with the reason and the code it would have been
        ("chest pain", "cac-off", "not coded: negated (R07.9)"),
        ("left knee", "cac-off", "not coded: superseded"),
        # the words that decided
        ("Denies", "cac-cue", "cue: negated"),
        # inside the longer evidence of another code: both are named
        ("chronic kidney disease stage 3", "cac-on", "N18.30 Chronic kidney disease"),
        ("chronic kidney disease stage 3", "cac-on", "E11.22"),
    ],
)
def test_marks(words: str, look: str, title: str) -> None:
    marks = parsed(result_html(sample())).marks
    assert [m for m in marks if m[2] == words and m[0] == look and title in m[1]]


def test_overlapping_marks_are_cut_not_nested() -> None:
    result = sample()
    words = "with chronic kidney disease stage 3 - metformin"
    crossing = replace(result.suggestions[2], evidence=(quote(words),))
    page = parsed(result_html(replace(result, suggestions=(*result.suggestions[:2], crossing))))
    assert page.note == NOTE
    pieces = [text for _, title, text in page.marks if "I12.9" in title]
    assert "".join(pieces) == words
    assert len(pieces) > 1


def test_a_code_outshines_what_was_not_coded() -> None:
    left_out = replace(sample().not_coded[0], start=0, end=len(NOTE), text=NOTE, cue=None)
    page = parsed(result_html(replace(sample(), not_coded=(left_out,))))
    looks = {text: (look, title) for look, title, text in page.marks}
    assert looks["Hypertension"][0] == "cac-on"
    assert looks["Hypertension"][1].startswith("I12.9 ")
    assert "not coded: negated" in looks["Hypertension"][1]


def test_a_code_is_shown_where_its_evidence_ends() -> None:
    badges = re.findall(r'data-cac="([^"]*)"', result_html(sample()))
    assert badges == ["E11.22", "N18.30", "E11.22 N18.30", "I12.9"]


def test_nothing_of_the_note_becomes_markup() -> None:
    nasty = "<script>alert(\"1\")</script> & <b onmouseover='x'> </div></style><img src=x>"
    evil = Evidence(0, len(nasty), nasty, nasty, nasty)
    found = replace(sample().suggestions[0], code=nasty, description=nasty, evidence=(evil,))
    html = result_html(replace(nothing(nasty), suggestions=(found,), release=nasty))
    page = parsed(html)
    assert page.note == nasty
    assert not page.tags & {"script", "img"}
    assert "onmouseover" not in dict(page.attributes)
    assert "<script" not in html
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; " in html


def test_characters_html_cannot_carry_are_replaced() -> None:
    page = parsed(result_html(nothing("a\x00b\x1bc\ud800d\u202ee\tf\r\ng")))
    assert page.note == "a\ufffdb\ufffdc\ufffdd\ufffde\tf\r\ng"


def test_nothing_is_fetched_or_run() -> None:
    html = html_page(result_html(sample()), "note")
    assert not re.search(r"https?:|//|url\(|@import|<script|<link|<img|\bon\w+=", html.replace(NOTE, ""))


def test_every_selector_is_scoped() -> None:
    rules = re.sub(r"@media[^{]*\{(.*?\})\}", r"\1", STYLE, flags=re.DOTALL)
    selectors = [s.strip() for group in re.findall(r"([^{}]+)\{", rules) for s in group.split(",")]
    assert len(selectors) > 30
    assert [s for s in selectors if ".cac-result.cac-result" not in s] == []


def test_class_names_are_scoped() -> None:
    classes = [value for name, value in parsed(result_html(sample())).attributes if name == "class"]
    assert classes
    assert [c for value in classes for c in (value or "").split() if not c.startswith("cac-")] == []


def test_every_class_that_is_used_has_a_style_or_a_meaning() -> None:
    html = result_html(sample())
    used = {c for value in re.findall(r'class="([^"]*)"', html) for c in value.split()}
    assert sorted(c for c in used if f".{c}" not in STYLE) == ["cac-more"]


def test_light_and_dark() -> None:
    assert "@media (prefers-color-scheme:dark)" in STYLE
    light, dark = (set(re.findall(r"(--[a-z-]+):", block)) for block in _palettes())
    assert light == dark
    assert set(re.findall(r"var\((--[a-z-]+)\)", STYLE)) == light


def _palettes() -> tuple[str, str]:
    blocks = re.findall(r"\{(color-scheme:[^}]*)\}", STYLE)
    return blocks[0], blocks[1]


def test_what_is_not_there_is_not_shown() -> None:
    html = result_html(nothing())
    assert "No code reached the threshold." in html
    for absent in ("<mark", "<table", "Documentation queries", "Not coded (", 'cac-note"'):
        assert absent not in html
    parsed(html)


def test_the_ranked_table_shows_quotes_rules_and_reasons() -> None:
    html = result_html(sample())
    for shown in ("dm-with-ckd", "Section I.A.15", "close codes (1)", "complication: CKD", "not billable"):
        assert shown in html
    for shown in ("stage 3a", "N18.31", "Below the threshold (2)", "Not coded (4)", "Section IV.H"):
        assert shown in html


def test_the_same_result_gives_the_same_bytes() -> None:
    assert result_html(sample()) == result_html(sample())


def test_page_title_is_escaped() -> None:
    html = html_page("", "<b>.txt")
    assert "<title>&lt;b&gt;.txt</title>" in html
    parsed(html.removeprefix("<!DOCTYPE html>\n"))


@given(results())
def test_any_result_is_well_formed(result: CodingResult) -> None:
    page = parsed(result_html(result))
    assert len(page.note) == len(result.text)
    assert all(shown in (there, "\ufffd") for shown, there in zip(page.note, result.text, strict=True))
    for s in result.suggestions:
        for e in s.evidence:
            assert result.text[e.start : e.end] == e.text
    marked = sum(len(text) for _, _, text in page.marks)
    spans = [e for s in (*result.suggestions, *result.candidates) for e in s.evidence]
    spans += [cue for n in result.not_coded if (cue := n.cue) is not None]
    covered = {i for e in spans for i in range(e.start, e.end)}
    covered |= {i for n in result.not_coded for i in range(n.start, n.end)}
    assert marked == len(covered)
