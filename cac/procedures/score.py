"""The score of a procedure: log-odds that add up, one named term for each reason."""

from __future__ import annotations

from functools import lru_cache

from cac.procedures.lines import Line, Support
from cac.resources import finite, read_table, required
from cac.types import Contribution, Evidence, Explanation, Note

__all__ = ["explain_line", "explain_proposal", "quote_support", "rival_term"]


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    rows = read_table(
        "procedures/weights.csv", ("name", "weight", "note"), {"name": required, "weight": finite}
    )
    return {r["name"]: float(r["weight"]) for r in rows}


def explain_line(note: Note, line: Line, titled: bool) -> Explanation:
    """Why a line has its score; ``titled``: the note lists its procedures under a header of their own."""
    weights = _weights()
    terms: list[Contribution] = []

    def add(name: str, evidence: tuple[Evidence, ...] = (), times: int = 1) -> None:
        value = round(weights.get(name, 0.0) * times, 4)
        if value:
            terms.append(Contribution(name, value, evidence, "own rule"))

    best = min(line.supports, key=lambda s: _order(s, weights))
    named = quote_support(note, best)[:1]
    # A vaccine given on the way is no part of the operation.
    apart = best.mention.service.kind == "vaccine"
    alone = best.mention.place == "body" and (apart or not titled)
    add("place:body_alone" if alone else f"place:{best.mention.place}", named)
    if titled and not apart and best.mention.place in ("body", "report", "open", "values"):
        add("beside_titles")
    if not best.mention.verdict.certain:
        add("uncertain", named)
    axes: dict[str, tuple[Evidence, ...]] = {}
    for axis, _, span in best.choice.matched:
        quote = Evidence(span.start, span.end, note.text[span.start : span.end], axis, best.mention.section)
        axes[axis] = (*axes.get(axis, ()), quote)
    for axis, quotes in axes.items():
        terms.append(Contribution(f"axis:{axis}", weights.get("axis", 0.0), quotes, "own rule"))
    if best.choice.open:
        add("open_usual" if best.choice.usual else "open_axis", times=len(best.choice.open))
    if best.choice.assumed:
        add("assumed", times=len(best.choice.assumed))
    if line.procedure.parents:
        add("addon")
    if line.implied:
        add("implied")
    if line.procedure.category == "laboratory":
        add("laboratory")
    return Explanation(round(weights.get("prior", 0.0), 4), tuple(terms))


def rival_term(why: Explanation) -> Explanation:
    """The score of a code that another answer to the open axis of a line would give."""
    less = Contribution("rival", round(_weights().get("rival", 0.0), 4), (), "own rule")
    return Explanation(why.prior, (*why.contributions, less))


def explain_proposal(
    place: str, documented: float, explained: float, rivals: bool, quote: Evidence
) -> Explanation:
    """The score of a code found by its descriptor.

    Parameters
    ----------
    place
        Of the words.
    documented, explained
        As in ``Proposal``: what of either side is missing counts against the code.
    rivals
        Whether another descriptor fits as well.
    quote
        The words.
    """
    weights = _weights()
    terms = [
        (f"place:{place}", 1.0),
        ("descriptor", 1.0),
        ("descriptor_missing", 1 - documented),
        ("descriptor_unexplained", 1 - explained),
        ("descriptor_rival", float(rivals)),
    ]
    made = [
        Contribution(name, round(weights.get(name, 0.0) * times, 4), (quote,), "own rule")
        for name, times in terms
    ]
    return Explanation(round(weights.get("prior", 0.0), 4), tuple(c for c in made if c.value))


def quote_support(note: Note, support: Support) -> tuple[Evidence, ...]:
    """The words that name the service, then those of each axis."""
    section = support.mention.section
    spans = [(support.mention.span, "service"), *((s, axis) for axis, _, s in support.choice.matched)]
    found: dict[tuple[int, int, str], Evidence] = {}
    for span, kind in spans:
        found.setdefault(
            (span.start, span.end, kind),
            Evidence(span.start, span.end, note.text[span.start : span.end], kind, section),
        )
    return tuple(found.values())


def _order(s: Support, weights: dict[str, float]) -> tuple[bool, float, int, int]:
    place = weights.get(f"place:{s.mention.place}", 0.0)
    return bool(s.choice.open), -place, -len(s.choice.matched), s.mention.span.start
