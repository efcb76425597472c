"""Measuring code suggestions against anyone's labelled notes: ``cac.evaluate``."""

from __future__ import annotations

from cac.evaluation.comparison import Comparison
from cac.evaluation.records import Answer, GoldNote, Label, PredictedNote
from cac.evaluation.result import Evaluation
from cac.evaluation.run import evaluate

__all__ = ["Answer", "Comparison", "Evaluation", "GoldNote", "Label", "PredictedNote", "evaluate"]
