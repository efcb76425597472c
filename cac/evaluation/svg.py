"""Small charts as inline SVG: no scripts, colours from the style sheet around them, text for readers.

Each chart is an image with a label that says in words what it shows; the numbers stand beside it in a
table, so nothing rests on colour or on seeing the chart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

__all__ = ["bars", "reliability"]

_LABEL, _PLOT, _VALUE, _ROW = 190, 320, 110, 24
_SIZE, _PAD = 280, 48

Bar = tuple[str, float, float, float]
"""Label, value, and the bounds of its interval (NaN for none)."""


def bars(rows: Sequence[Bar], label: str, *, top: float | None = None, whole: bool = False) -> str:
    """Horizontal bars with their intervals.

    Parameters
    ----------
    top
        The value at the right edge; 1 for shares. The largest value when None.
    whole
        Write values as whole numbers.

    Examples
    --------
    >>> bars([("F1", 0.5, 0.4, 0.6)], "Figures", top=1.0).count("<rect")
    1
    """
    largest = top if top is not None else max((r[1] for r in rows), default=0.0)
    scale = _PLOT / largest if largest > 0 else 0.0
    width, height = _LABEL + _PLOT + _VALUE, _ROW * len(rows) + 6
    parts = []
    for i, (name, value, low, high) in enumerate(rows):
        middle = _ROW * i + _ROW / 2 + 3
        parts.append(
            f'<text x="{_LABEL - 8}" y="{_n(middle + 4)}" text-anchor="end">{escape(name)}</text>'
            f'<rect class="cac-b" x="{_LABEL}" y="{_n(middle - 7)}" width="{_n(value * scale)}" '
            'height="14" rx="2"/>'
        )
        end = value
        if not math.isnan(low):
            a, b = _LABEL + low * scale, _LABEL + high * scale
            end = max(value, high)
            parts.append(
                f'<path class="cac-w" d="M{_n(a)} {_n(middle)}H{_n(b)}M{_n(a)} {_n(middle - 4)}v8'
                f'M{_n(b)} {_n(middle - 4)}v8"/>'
            )
        parts.append(
            f'<text x="{_n(_LABEL + end * scale + 6)}" y="{_n(middle + 4)}">{_shown(value, whole)}</text>'
        )
    said = "; ".join(f"{name} {_shown(value, whole)}" for name, value, _, _ in rows)
    return _image(width, height, f"{label}: {said}", parts)


def reliability(rows: Sequence[tuple[float, float, int, float, float]], label: str) -> str:
    """Share correct against mean score, a point a bin, its area growing with the number of codes.

    ``rows`` are those of ``Evaluation.calibration_rows``; the diagonal is perfect calibration.
    """
    side = _SIZE - 2 * _PAD

    def at(x: float, y: float) -> tuple[str, str]:
        return _n(_PAD + x * side), _n(_SIZE - _PAD - y * side)

    most = max((r[2] for r in rows), default=1)
    parts = [f'<path class="cac-a" d="M{_PAD} {_PAD}V{_SIZE - _PAD}H{_SIZE - _PAD}"/>']
    (x0, y0), (x1, y1) = at(0, 0), at(1, 1)
    parts.append(f'<path class="cac-d" d="M{x0} {y0}L{x1} {y1}"/>')
    for tick in (0.0, 0.5, 1.0):
        x, _ = at(tick, 0)
        _, y = at(0, tick)
        parts.append(f'<text x="{x}" y="{_SIZE - _PAD + 16}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{_PAD - 8}" y="{float(y) + 4:g}" text-anchor="end">{tick:g}</text>')
    points = [at(r[3], r[4]) for r in rows]
    if len(points) > 1:
        parts.append('<path class="cac-l" d="M' + "L".join(f"{x} {y}" for x, y in points) + '"/>')
    for (x, y), row in zip(points, rows, strict=True):
        parts.append(
            f'<circle class="cac-p" cx="{x}" cy="{y}" r="{_n(3 + 6 * math.sqrt(row[2] / most))}">'
            f"<title>score {row[3]:.2f}, correct {row[4]:.2f}, {row[2]} codes</title></circle>"
        )
    parts.append(f'<text x="{_SIZE / 2:g}" y="{_SIZE - 4}" text-anchor="middle">mean score</text>')
    parts.append(
        f'<text transform="translate(11 {_SIZE / 2:g}) rotate(-90)" text-anchor="middle">share correct</text>'
    )
    said = "; ".join(f"score {r[3]:.2f} correct {r[4]:.2f} ({r[2]} codes)" for r in rows)
    return _image(_SIZE, _SIZE, f"{label}: {said}", parts)


def _image(width: float, height: float, label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="cac-svg" role="img" aria-label="{escape(label)}" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def _n(value: float) -> str:
    """Coordinates to a tenth: the same bytes on every platform."""
    return f"{round(value, 1):g}"


def _shown(value: float, whole: bool) -> str:
    return f"{value:.0f}" if whole else f"{value:.3f}"
