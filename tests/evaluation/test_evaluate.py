"""``cac.evaluate`` from end to end: tables, evidence, differences of two runs, the report."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

import cac
from cac.datasets import load_visits
from cac.errors import ConfigError, TableError
from cac.evaluation.report import comparison_html
from cac.evaluation.svg import bars, reliability

NOTE = "Assessment: gout of an unusual kind. Mother had asthma."
GOLD: list[dict[str, Any]] = [
    {
        "id": "a",
        "text": NOTE,
        "labels": [{"code": "M10.9", "quotes": ["gout"]}, "E11.22", "M17.11", "I50.9"],
    },
    {"id": "b", "labels": ["I10", {"code": "J45.909", "start": 3, "end": 9}]},
    {"id": "c", "labels": []},
]
RUN: list[dict[str, Any]] = [
    {
        "id": "a",
        "suggestions": [
            {
                "code": "M10.9",
                "score": 0.95,
                "evidence": [{"start": 12, "end": 16}, {"start": 40, "end": 46}],
            },
            {"code": "M17.12", "score": 0.8, "evidence": []},
            {"code": "E11.9", "score": 0.7, "evidence": []},
            {"code": "R05.9", "score": 0.6, "evidence": [{"start": 31, "end": 36}]},
        ],
        "candidates": [{"code": "I50.9", "score": 0.4, "evidence": []}],
    },
    {"id": "b", "suggestions": [{"code": "J45.909", "score": 0.9, "evidence": [{"start": 20, "end": 24}]}]},
]
BETTER: list[dict[str, Any]] = [
    {"id": "a", "codes": ["M10.9", "E11.22", "M17.12", "I50.9"]},
    {"id": "b", "codes": ["I10", "Z79.4"]},
]


@pytest.fixture(scope="module")
def run() -> cac.Evaluation:
    return cac.evaluate(GOLD, RUN, n_boot=100)


def test_verdicts(run: cac.Evaluation) -> None:
    rows = [(r.id, r.gold, r.predicted, r.verdict, r.score, r.rank, r.evidence) for r in run.rows]
    assert rows == [
        ("a", "E11.22", "E11.9", "less_specific", 0.7, 3, ""),
        ("a", "I50.9", "", "missed", 0.4, 5, ""),  # it ranked fifth, below the threshold
        ("a", "M10.9", "M10.9", "exact", 0.95, 1, "hit"),
        ("a", "M17.11", "M17.12", "wrong_side", 0.8, 2, ""),
        ("a", "", "R05.9", "spurious", 0.6, 4, ""),
        ("b", "I10", "", "missed", None, -1, ""),
        ("b", "J45.909", "J45.909", "exact", 0.9, 1, "off"),
    ]
    assert run.counts() == {
        "exact": 2,
        "less_specific": 1,
        "more_specific": 0,
        "wrong_side": 1,
        "sibling": 0,
        "same_category": 0,
        "missed": 2,
        "spurious": 1,
    }


@pytest.mark.parametrize(
    ("group", "metric", "value"),
    [
        ("exact", "micro_precision", 2 / 5),
        ("exact", "micro_recall", 2 / 6),
        ("category", "micro_precision", 4 / 5),
        ("category", "micro_recall", 4 / 6),
        ("ranking", "recall@1", 2 / 6),
        ("ranking", "recall@5", 3 / 6),
        ("ranking", "map", ((1 + 2 / 5) / 4 + 1 / 2) / 2),  # a note without labels has no say
        ("evidence", "overlap_recall", 1 / 2),
        ("evidence", "overlap_precision", 1 / 3),
    ],
)
def test_figures(run: cac.Evaluation, group: str, metric: str, value: float) -> None:
    assert run[group, metric] == pytest.approx(value)


def test_frames(run: cac.Evaluation) -> None:
    assert list(run.summary.columns) == ["group", "metric", "value", "low", "high"]
    assert (run.summary["low"] <= run.summary["value"] + 1e-9).mean() > 0.8
    assert run.per_note.loc[0, ["id", "gold", "predicted", "correct", "missed", "spurious"]].tolist() == [
        "a",
        4,
        4,
        1,
        3,
        3,
    ]
    chapters = run.per_chapter.set_index("chapter")
    assert chapters.loc["13", ["gold", "predicted", "correct"]].tolist() == [2, 2, 1]
    assert chapters.loc["13", "title"].startswith("Diseases of the musculoskeletal")
    assert chapters["gold"].sum() == 6
    assert run.calibration["codes"].sum() == 6
    assert len(run.verdicts) == 7
    empty = cac.evaluate({"x": []}, {"x": []}, n_boot=0)
    for name in ("summary", "per_note", "per_chapter", "verdicts", "calibration"):
        full, bare = getattr(run, name), getattr(empty, name)
        assert isinstance(full, pd.DataFrame)
        assert full.dtypes.tolist() == bare.dtypes.tolist()


def test_the_order_of_notes_and_codes_does_not_matter(run: cac.Evaluation) -> None:
    turned = [{**g, "labels": g["labels"][::-1]} for g in GOLD[::-1]]
    again = cac.evaluate(turned, RUN[::-1], n_boot=0)
    assert {(m[0], m[1]): m[2] for m in again.metrics} == pytest.approx(
        {(m[0], m[1]): m[2] for m in run.metrics}
    )
    assert sorted(map(repr, again.rows)) == sorted(map(repr, run.rows))


def test_the_same_seed_gives_the_same_bytes(run: cac.Evaluation) -> None:
    again = cac.evaluate(GOLD, RUN, n_boot=100)
    assert again.to_html() == run.to_html()
    assert again.metrics == run.metrics


def test_the_library_answers_itself() -> None:
    gold = [
        {"id": 1, "text": "Impression: possible pneumonia.", "codes": ["J18.9"], "setting": "inpatient"},
        {"id": 2, "text": "Impression: possible pneumonia.", "codes": []},
    ]
    run = cac.evaluate(gold, n_boot=0)
    assert run["exact", "micro_f1"] == 1.0
    assert cac.evaluate(gold[1:], n_boot=0, setting="inpatient").counts()["spurious"] == 1


def test_the_notes_that_ship_are_read_as_they_are() -> None:
    notes = load_visits()[:4]
    run = cac.evaluate(notes, n_boot=0)
    assert [g.id for g in run.gold] == [n.id for n in notes]
    assert [g.text for g in run.gold] == [n.text for n in notes]
    assert [set(g.codes) for g in run.gold] == [
        {x.code for x in n.labels if x.scope == "reportable"} for n in notes
    ]
    spans = {tuple(s for piece in x.evidence for s in piece) for g in run.gold for x in g.labels}
    assert spans <= {x.spans for n in notes for x in n.labels}
    assert {dict(g.options)["setting"] for g in run.gold} == {n.setting for n in notes}
    # Whoever labels the notes for himself is always right.
    assert cac.evaluate(notes, notes, n_boot=0)["exact", "micro_f1"] == 1.0


def test_notes_without_answer_and_answers_without_label() -> None:
    run = cac.evaluate({"a": ["I10"], "b": ["I10"]}, {"a": ["I10"], "z": ["M10.9"]}, n_boot=0)
    assert (run.unanswered, run.unlabelled) == (1, 1)
    assert run.counts()["missed"] == 1
    assert run.counts()["spurious"] == 0
    with pytest.raises(TableError, match="no id in common"):
        cac.evaluate({"a": ["I10"]}, {"z": ["I10"]})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scope": "all"}, "scope is one of"),
        ({"n_boot": -1}, "n_boot"),
        ({"n_boot": True}, "n_boot"),
        ({"n_boot": 10**6}, "n_boot"),
        ({"seed": -1}, "seed"),
        ({"ks": [0]}, "ks"),
        ({"columns": {"ids": "x"}}, "unknown columns: ids"),
        ({"setting": "inpatient"}, "only for the library's own answers"),
    ],
)
def test_wrong_settings(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        cac.evaluate(GOLD, RUN, **options)


def test_own_answers_need_texts() -> None:
    with pytest.raises(TableError, match="need their text") as raised:
        cac.evaluate(GOLD)
    assert raised.value.problems == ("note b has none", "note c has none")


# ------------------------------------------------------------------------------- differences


def test_diff(run: cac.Evaluation) -> None:
    step = run.diff(cac.evaluate(GOLD, BETTER, n_boot=100))
    changes = {(c.id, c.code): (c.change, c.before, c.after) for c in step.rows}
    assert changes == {
        ("a", "E11.22"): ("gained", "less_specific", "exact"),
        ("a", "I50.9"): ("gained", "missed", "exact"),
        ("a", "R05.9"): ("noise_removed", "spurious", "absent"),
        ("b", "I10"): ("gained", "missed", "exact"),
        ("b", "J45.909"): ("lost", "exact", "missed"),
        ("b", "Z79.4"): ("noise_added", "absent", "spurious"),
    }
    assert step.counts() == {"gained": 3, "lost": 1, "moved": 0, "noise_removed": 1, "noise_added": 1}
    f1 = step.summary.set_index(["group", "metric"]).loc[("exact", "micro_f1")]
    assert f1["difference"] == pytest.approx(f1["after"] - f1["before"]) == pytest.approx(8 / 12 - 4 / 11)
    assert f1["low"] <= f1["difference"] <= f1["high"]
    assert step.per_note.set_index("id").loc["a", "gained"] == 2
    moved = step.transitions.set_index("before")
    assert moved.loc["missed", "exact"] == 2
    assert moved.to_numpy().sum() == 6


def test_a_run_does_not_differ_from_itself(run: cac.Evaluation) -> None:
    step = run.diff(run)
    assert step.rows == ()
    assert {m[4] for m in step.metrics} == {0.0}
    assert {m[7] for m in step.metrics} == {1.0}


def test_a_real_difference_has_a_small_p() -> None:
    gold = {str(i): ["I10"] for i in range(60)}
    right = {str(i): ["I10"] for i in range(60)}
    half = {str(i): ["I10"] if i % 2 else ["M10.9"] for i in range(60)}
    step = cac.evaluate(gold, half, n_boot=500).diff(cac.evaluate(gold, right, n_boot=500))
    p = {m[:2]: m[7] for m in step.metrics}
    assert p["exact", "micro_f1"] == pytest.approx(2 / 501)


def test_only_runs_on_the_same_labels_compare(run: cac.Evaluation) -> None:
    with pytest.raises(ConfigError, match="same labels"):
        run.diff(cac.evaluate({"a": ["I10"]}, {"a": ["I10"]}, n_boot=0))


# ------------------------------------------------------------------------------------ report


class Checker(HTMLParser):
    """Tags close in order; collects what is fetched and the words that are shown."""

    VOID = frozenset(("meta",))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [str(v) for k, v in attrs if k in ("src", "href")]
        self.ids += [str(v) for k, v in attrs if k == "id"]
        if tag not in self.VOID and not (self.get_starttag_text() or "").endswith("/>"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [str(v) for k, v in attrs if k in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_report_is_one_well_formed_page(run: cac.Evaluation, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    page = run.to_html(path)
    assert path.read_bytes() == page.encode()
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert checker.fetched == []
    assert checker.ids == []  # two reports may share a notebook page
    assert "<script" not in page
    for svg in re.findall(r"<svg.*?</svg>", page):
        image = ElementTree.fromstring(svg)
        assert image.get("role") == "img"
        assert image.get("aria-label")
    assert page.count('scope="col"') == page.count("<th ")
    assert "wrong side" in page
    assert "0.400" in page  # exact micro-precision


def test_the_report_has_words_of_notes_only_when_asked(run: cac.Evaluation) -> None:
    quiet, telling = run.to_html(), run.to_html(include_text=True)
    for shown in (
        quiet,
        run._repr_html_(),
        repr(run),
        repr(run.gold),
        run.verdicts.to_csv(),
        str(run.to_dict()),
    ):
        assert "unusual" not in shown
        assert "Mother" not in shown
    assert "unusual" in telling  # around the words of the spurious code


def test_ids_and_texts_are_escaped() -> None:
    gold = [
        {"id": "<script>", "text": "<b>gout</b> \x1b[31m", "labels": [{"code": "M10.9", "quotes": ["gout"]}]}
    ]
    run = cac.evaluate(gold, [{"id": "<script>", "codes": []}], n_boot=0)
    page = run.to_html(include_text=True)
    assert "<script>" not in page
    assert "&lt;b&gt;[gout]&lt;/b&gt;" in page
    assert "\x1b" not in page


def test_the_report_of_a_difference(run: cac.Evaluation) -> None:
    step = run.diff(cac.evaluate(GOLD, BETTER, n_boot=10))
    page = comparison_html(step)
    assert page == step._repr_html_()
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert "spurious code gone" in page


@pytest.mark.parametrize(
    "figures", [[], [("a < b", 0.0, 0.0, 0.0)], [("x", 3.0, float("nan"), float("nan"))]]
)
def test_charts_are_xml_for_any_figures(figures: list[tuple[str, float, float, float]]) -> None:
    ElementTree.fromstring(bars(figures, "Chart"))
    ElementTree.fromstring(reliability([(0.1, 0.2, 1 + int(f[1]), 0.15, f[1] / 3) for f in figures], "Plot"))


def test_plain_figures_need_no_pandas() -> None:
    code = (
        "import cac, sys; r = cac.evaluate({'a': ['I10']}, {'a': ['I10']}); r.to_dict(); r.to_html(); "
        "print(sorted(m for m in ('spacy', 'pandas') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
