"""``cac evaluate``: predictions, or the library's own answers, against labelled notes."""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cac
from cac.commands.common import OK, UsageError, command, prepare_output, whole, write_json

if TYPE_CHECKING:
    from cac.evaluation import Comparison, Evaluation

__all__ = ["add"]

_MANY = 100_000


def add(commands: Any) -> None:
    sub = command(commands, "evaluate", _evaluate, "measure code suggestions against labelled notes")
    sub.add_argument("gold", metavar="GOLD", type=Path, help="labelled notes: .jsonl, .json, .csv or .tsv")
    sub.add_argument(
        "predictions",
        metavar="PREDICTIONS",
        type=Path,
        nargs="?",
        help="predicted codes in the same kinds of file; without it the notes of GOLD are coded here",
    )
    sub.add_argument(
        "--baseline",
        metavar="FILE",
        type=Path,
        help="other predictions: also show what changed from these to PREDICTIONS",
    )
    sub.add_argument(
        "--scope",
        choices=("reportable", "documented"),
        default="reportable",
        help="which labels count, and the scope of answers made here (default: %(default)s)",
    )
    sub.add_argument("--setting", choices=("outpatient", "inpatient"), help="setting of answers made here")
    sub.add_argument("--system", default="ICD-10-CM", help="code system to measure (default: %(default)s)")
    sub.add_argument(
        "--columns",
        type=_columns,
        default={},
        metavar="PART=NAME,...",
        help="names of the columns id, text and codes of GOLD where they are called otherwise",
    )
    sub.add_argument(
        "--bootstrap",
        type=_draws,
        default=1000,
        metavar="N",
        help="resamples for the 95%% intervals, 0 for none (default: %(default)s)",
    )
    sub.add_argument(
        "--seed", type=_draws, default=0, metavar="N", help="seed of the resamples (default: %(default)s)"
    )
    sub.add_argument(
        "--format",
        choices=("table", "json", "csv"),
        default="table",
        help="figures as a table or JSON, or the verdict on every code as CSV (default: %(default)s)",
    )
    sub.add_argument("--html", metavar="FILE", type=Path, help="also write a report with charts")
    sub.add_argument(
        "--include-text", action="store_true", help="quote words of the notes in the HTML report"
    )


def _evaluate(arguments: argparse.Namespace) -> int:
    given = (arguments.gold, arguments.predictions, arguments.baseline)
    for path in given:
        if path is not None and not path.is_file():
            raise UsageError(f"{path}: no such file")
    if arguments.setting and arguments.predictions is not None:
        raise UsageError("--setting is for answers made here, not for PREDICTIONS")
    prepare_output(utf8=arguments.format != "table")
    run = _run(arguments, arguments.predictions)
    step = _run(arguments, arguments.baseline).diff(run) if arguments.baseline is not None else None
    if arguments.html is not None:
        run.to_html(arguments.html, include_text=arguments.include_text)
    _WRITERS[arguments.format](run, step)
    return OK


def _run(arguments: argparse.Namespace, predictions: Path | None) -> Evaluation:
    options = {"setting": arguments.setting} if predictions is None and arguments.setting else {}
    return cac.evaluate(
        arguments.gold,
        predictions,
        scope=arguments.scope,
        system=arguments.system,
        columns=arguments.columns,
        n_boot=arguments.bootstrap,
        seed=arguments.seed,
        **options,
    )


def _table(run: Evaluation, step: Comparison | None) -> None:
    out = sys.stdout
    out.write(f"{len(run.gold)} notes, {sum(bool(r.gold) for r in run.rows)} labels, {run.scope}\n")
    if run.unanswered:
        out.write(f"{run.unanswered} notes without predictions count as without codes\n")
    if run.unlabelled:
        out.write(f"{run.unlabelled} predicted notes without labels are left out\n")
    out.write("\n")
    for group, metric, value, low, high in run.metrics:
        bounds = "" if math.isnan(low) else f"  {low:.4f} to {high:.4f}"
        out.write(f"{group:<12} {metric:<18} {value:.4f}{bounds}\n")
    out.write("\n")
    for verdict, number in run.counts().items():
        out.write(f"{verdict:<16} {number:>6}\n")
    if step is not None:
        out.write("\nchange from the baseline\n")
        for group, metric, before, after, gap, low, high, p in step.metrics:
            bounds = "" if math.isnan(low) else f"  {low:+.4f} to {high:+.4f}  p {p:.3f}"
            out.write(f"{group:<12} {metric:<18} {before:.4f} -> {after:.4f}  {gap:+.4f}{bounds}\n")
        for change, number in step.counts().items():
            out.write(f"{change:<16} {number:>6}\n")


def _json(run: Evaluation, step: Comparison | None) -> None:
    data = run.to_dict()
    if step is not None:
        data["change"] = step.to_dict()
    write_json(data)


def _csv(run: Evaluation, step: Comparison | None) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if step is None:
        writer.writerow(("id", "gold", "predicted", "verdict", "chapter", "score", "rank", "evidence"))
        for r in run.rows:
            score = "" if r.score is None else round(r.score, 6)
            writer.writerow((r.id, r.gold, r.predicted, r.verdict, r.chapter, score, r.rank, r.evidence))
        return
    writer.writerow(("id", "code", "change", "before", "after", "code_before", "code_after"))
    for c in step.rows:
        writer.writerow((c.id, c.code, c.change, c.before, c.after, c.code_before, c.code_after))


_WRITERS = {"table": _table, "json": _json, "csv": _csv}


def _columns(value: str) -> Mapping[str, str]:
    pairs = [part.partition("=") for part in value.split(",")]
    if not all(name and equals and column for name, equals, column in pairs):
        raise argparse.ArgumentTypeError("must be such as id=encounter,codes=final_codes")
    return {name.strip(): column.strip() for name, _, column in pairs}


def _draws(value: str) -> int:
    number = whole(value, 0)
    if number > _MANY:
        raise argparse.ArgumentTypeError(f"must be {_MANY} or less")
    return number
