"""``evaluate``: labels and predictions in, every figure and verdict out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cac.codes.table import CodeTable
from cac.config import SCOPES
from cac.errors import ConfigError, TableError
from cac.evaluation.metrics import GROUPS, KS, Figures, interval
from cac.evaluation.reading import COLUMNS, read_gold, read_predictions
from cac.evaluation.records import SYSTEM, Answer, GoldNote, Label, PredictedNote
from cac.evaluation.result import Evaluation, VerdictRow
from cac.evaluation.verdicts import Relations, pair_codes
from cac.types import Scope, Span

__all__ = ["evaluate"]

MAX_BOOT = 100_000


def evaluate(
    gold: Any,
    predictions: Any = None,
    *,
    scope: Scope = "reportable",
    system: str = SYSTEM,
    columns: Mapping[str, str] | None = None,
    prediction_columns: Mapping[str, str] | None = None,
    ks: Sequence[int] = KS,
    n_boot: int = 1000,
    seed: int = 0,
    **options: Any,
) -> Evaluation:
    """Measure code suggestions against labelled notes.

    Parameters
    ----------
    gold
        Labelled notes: a path (JSONL, JSON, CSV, TSV), a DataFrame, a list of mappings or dataclasses,
        or a mapping of id to codes. A row a note (``id``, ``labels`` or ``codes``, optional ``text``)
        or a row a code (``id``, ``code``, optional ``start`` and ``end``). See
        ``cac.evaluation.reading.read_gold``.
    predictions
        The same kinds of source: ``CodingResult`` objects, ``to_dict`` rows, the columns of
        ``suggest_frame``, or plain codes, best first. When None, the library codes the text of the
        gold notes.
    scope
        Which labels count (those without a scope of their own always do), and the scope of the
        library's own answers.
    system
        The code system that is measured; codes marked with another one are left out.
    columns, prediction_columns
        Names of the columns "id", "text" and "codes" where they are called otherwise.
    ks
        The depths of recall@k.
    n_boot, seed
        Resamples of the notes for the 95% intervals (0 for none), and the seed of their draw.
    options
        Those of ``Coder.suggest`` for the library's own answers; what a gold row says (setting, age,
        sex, date_of_service) comes first.

    Returns
    -------
    Evaluation
        ``summary``, ``per_note``, ``per_chapter``, ``verdicts`` and ``calibration`` as DataFrames,
        ``to_html`` for a report, ``diff`` against another run.

    Raises
    ------
    TableError
        When rows cannot be used; all of them are named.
    ConfigError
        For settings that do not exist and sources that cannot be read.

    Examples
    --------
    >>> gold = [{"id": "a", "text": "Assessment: gout.", "codes": ["M10.9"]}]
    >>> evaluate(gold, n_boot=0)
    Evaluation(1 notes, exact micro-F1 1.000, category 1.000)
    """
    _check(scope, n_boot, seed, ks, columns, prediction_columns)
    notes = read_gold(gold, columns=columns, scope=scope, system=system)
    if predictions is None:
        given = _own_answers(notes, scope, system, options)
    elif options:
        raise ConfigError(f"{', '.join(sorted(options))}: only for the library's own answers")
    else:
        ids = [n.id for n in notes]
        given = read_predictions(predictions, columns=prediction_columns, scope=scope, system=system, ids=ids)
    by_id = {p.id: p for p in given}
    unanswered = sum(n.id not in by_id for n in notes)
    if given and unanswered == len(notes):
        raise TableError("gold and predictions have no id in common")
    predicted = tuple(by_id.get(n.id, PredictedNote(n.id, ())) for n in notes)
    return _measured(
        notes,
        predicted,
        scope=scope,
        system=system,
        ks=tuple(sorted(set(ks))),
        n_boot=n_boot,
        seed=seed,
        unanswered=unanswered,
        unlabelled=len(by_id) - (len(notes) - unanswered),
    )


def _check(scope: str, n_boot: int, seed: int, ks: Sequence[int], *columns: Mapping[str, str] | None) -> None:
    if scope not in SCOPES:
        raise ConfigError(f"scope is one of {', '.join(SCOPES)}")
    if not _whole(n_boot) or not 0 <= n_boot <= MAX_BOOT:
        raise ConfigError(f"n_boot is a whole number from 0 to {MAX_BOOT}")
    if not _whole(seed) or seed < 0:
        raise ConfigError("seed is a whole number, 0 or more")
    if not all(_whole(k) and k > 0 for k in ks):
        raise ConfigError("ks are whole numbers above 0")
    for named in columns:
        unknown = sorted(set(named or ()) - set(COLUMNS))
        if unknown:
            raise ConfigError(f"unknown columns: {', '.join(unknown)}; known are {', '.join(COLUMNS)}")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _own_answers(
    notes: Sequence[GoldNote], scope: Scope, system: str, options: Mapping[str, Any]
) -> tuple[PredictedNote, ...]:
    """What the library itself says about the gold notes."""
    from cac.api import suggest

    without = [n.id for n in notes if n.text is None]
    if without:
        raise TableError(
            "without predictions the gold notes need their text", [f"note {i} has none" for i in without]
        )
    answered: list[PredictedNote] = []
    for n in notes:
        result = suggest(n.text or "", scope=scope, systems=(system,), **{**options, **dict(n.options)})
        answers = [
            Answer(s.code, s.score, chosen, tuple(Span(e.start, e.end) for e in s.evidence))
            for chosen, listed in ((True, result.suggestions), (False, result.candidates))
            for s in listed
        ]
        answered.append(PredictedNote(n.id, tuple(answers)))
    return tuple(answered)


def _measured(
    gold: tuple[GoldNote, ...],
    predicted: tuple[PredictedNote, ...],
    *,
    scope: str,
    system: str,
    ks: Sequence[int],
    n_boot: int,
    seed: int,
    unanswered: int,
    unlabelled: int,
) -> Evaluation:
    relations = Relations(CodeTable.open(), system)
    rows: list[VerdictRow] = []
    evidence: list[tuple[int, int, int, int]] = []
    for g, p in zip(gold, predicted, strict=True):
        overlap = _overlaps(g, p)
        sums = [sum(column) for column in zip(*overlap.values(), strict=True)] or [0, 0, 0, 0]
        evidence.append((sums[0], sums[1], sums[2], sums[3]))
        rows += _verdict_rows(g, p, relations, overlap)
    figures = Figures(gold, predicted, evidence, system, ks)
    point = figures.point().tolist()
    low, high = (bound.tolist() for bound in interval(figures.bootstrap(n_boot, seed)))
    metrics = [(group, name, point[i], low[i], high[i]) for i, (group, name) in enumerate(figures.names)]
    metrics.sort(key=lambda m: GROUPS.index(m[0]))
    chapters = sorted({r.chapter for r in rows})
    return Evaluation(
        rows=tuple(rows),
        metrics=tuple(metrics),
        chapters=tuple((c, relations.chapter_title(c)) for c in chapters),
        scope=scope,
        system=system,
        seed=seed,
        n_boot=n_boot,
        unanswered=unanswered,
        unlabelled=unlabelled,
        gold=gold,
        predicted=predicted,
        figures=figures,
    )


def _verdict_rows(
    gold: GoldNote,
    predicted: PredictedNote,
    relations: Relations,
    overlap: Mapping[str, tuple[int, int, int, int]],
) -> list[VerdictRow]:
    places = {a.code: (i, a) for i, a in enumerate(predicted.answers, 1)}
    rows = []
    for pair in pair_codes(gold.codes, (a.code for a in predicted.suggested), relations):
        rank, answer = places.get(pair.predicted or pair.gold, (-1, None))
        found = overlap.get(pair.gold)
        rows.append(
            VerdictRow(
                id=gold.id,
                gold=pair.gold,
                predicted=pair.predicted,
                verdict=pair.verdict,
                chapter=relations.chapter(pair.gold or pair.predicted),
                score=answer.score if answer is not None else None,
                rank=rank,
                evidence="" if found is None or not found[0] else "hit" if found[1] else "off",
            )
        )
    return rows


def _overlaps(gold: GoldNote, predicted: PredictedNote) -> dict[str, tuple[int, int, int, int]]:
    """Of each code that is right and has labelled evidence: pieces, pieces overlapped, predicted
    spans, and those of them that overlap a labelled place."""
    given = {a.code: a for a in predicted.suggested}
    return {
        label.code: _overlap(label, given[label.code])
        for label in gold.labels
        if label.evidence and label.code in given
    }


def _overlap(label: Label, answer: Answer) -> tuple[int, int, int, int]:
    spans = answer.evidence
    found = sum(any(s.overlaps(place) for place in piece for s in spans) for piece in label.evidence)
    confirmed = sum(any(s.overlaps(place) for piece in label.evidence for place in piece) for s in spans)
    return len(label.evidence), found, len(spans), confirmed
