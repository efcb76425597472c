"""Hand-made and hypothesis-made results for the tests of output, result and command line."""

from __future__ import annotations

from hypothesis import strategies as st

from cac.result import CodingResult
from cac.types import (
    Alternative,
    Contribution,
    Evidence,
    Explanation,
    Finding,
    NotCoded,
    Query,
    QueryOption,
    Section,
    Suggestion,
)

NOTE = """\
HPI: 61-year-old woman with type 2 diabetes & CKD stage 3, here for follow-up. Denies chest pain.
She says the left knee has "ached" for weeks; possible meniscal tear. Mother had breast cancer.

ASSESSMENT:
1. Type 2 diabetes with chronic kidney disease stage 3 - metformin continued, A1c today.
2. Hypertension, lisinopril refilled <script>alert('x')</script>
3. Cough, mild.
"""


def quote(words: str, kind: str = "condition", section: str = "assessment", note: str = NOTE) -> Evidence:
    """Evidence for the first occurrence of ``words``."""
    start = note.index(words)
    return Evidence(start, start + len(words), words, kind, section)


def explained(*values: float, evidence: tuple[Evidence, ...] = ()) -> Explanation:
    parts = (Contribution(f"part {i}", value, evidence, "Section I.B.2") for i, value in enumerate(values))
    return Explanation(-2.0, tuple(parts))


def sample() -> CodingResult:
    """Two suggestions with shared and overlapping evidence, two candidates, a ledger, a query."""
    diabetes = quote("Type 2 diabetes with chronic kidney disease stage 3")
    kidney = quote("chronic kidney disease stage 3")
    early = quote("type 2 diabetes", section="hpi")
    pressure = quote("Hypertension")
    first = explained(3.25, 1.5, 0.875, evidence=(diabetes, early))
    second = explained(2.0, 1.25, evidence=(kidney,))
    third = explained(1.0, 1.5, evidence=(pressure,))
    below = explained(1.0, evidence=(quote("Cough"),))
    far = explained(-1.0, evidence=(quote("ached", section="hpi"),))
    linked = Finding("dm-with-ckd", "with", "diabetes and CKD are linked", "Section I.A.15", ("E11.22",))
    staged = Finding(
        "ckd-use-additional", "use_additional", "stage coded as well", "E11.22 note", ("N18.30",)
    )
    stage = QueryOption("stage 3a", "N18.31", "Chronic kidney disease, stage 3a")
    other = QueryOption("stage 3b", "N18.32", "Chronic kidney disease, stage 3b")
    return CodingResult(
        suggestions=(
            Suggestion(
                "E11.22",
                "ICD-10-CM",
                "Type 2 diabetes mellitus with diabetic chronic kidney disease",
                first.score,
                1,
                True,
                (diabetes, early),
                first,
                (
                    Alternative(
                        "E11.9", "Type 2 diabetes mellitus without complications", "complication", "CKD"
                    ),
                ),
                (linked,),
            ),
            Suggestion(
                "N18.30",
                "ICD-10-CM",
                "Chronic kidney disease, stage 3 unspecified",
                second.score,
                2,
                True,
                (kidney, quote("CKD stage 3", section="hpi")),
                second,
                (),
                (staged,),
            ),
            Suggestion(
                "I12.9",
                "ICD-10-CM",
                "Hypertensive chronic kidney disease with stage 1 through stage 4 chronic kidney disease",
                third.score,
                3,
                True,
                (pressure,),
                third,
            ),
        ),
        candidates=(
            Suggestion(
                "R05.9", "ICD-10-CM", "Cough, unspecified", below.score, 4, True, (quote("Cough"),), below
            ),
            Suggestion(
                "M25.56",
                "ICD-10-CM",
                "Pain in knee",
                far.score,
                5,
                False,
                (quote("ached", section="hpi"),),
                far,
            ),
        ),
        not_coded=(
            _left_out("chest pain", "negated", ("R07.9",), "Denies", "negated"),
            _left_out("meniscal tear", "uncertain", ("S83.209A",), "possible", "uncertain", "Section IV.H"),
            _left_out("breast cancer", "family", ("Z80.3",), "Mother", "family"),
            _left_out("left knee", "superseded", (), None, ""),
        ),
        queries=(
            Query(
                "stage",
                "The note documents chronic kidney disease stage 3. Can the stage be specified further?",
                (stage, other),
                "N18.30",
                (kidney,),
            ),
        ),
        text=NOTE,
        sections=_sections(),
        setting="outpatient",
        scope="reportable",
        release="2026-04",
        date_of_service="2026-04-15",
        threshold=0.5,
    )


def nothing(text: str = "") -> CodingResult:
    """The well-formed result of a note without anything to code."""
    return CodingResult((), (), (), (), text, (), "inpatient", "documented", "2026-04", None, 0.5)


def _left_out(
    words: str, reason: str, codes: tuple[str, ...], cue: str | None, kind: str, citation: str = ""
) -> NotCoded:
    where = quote(words, section="hpi")
    by = quote(cue, kind=kind, section="hpi") if cue else None
    return NotCoded(where.start, where.end, words, reason, "hpi", codes, by, citation)


def _sections() -> tuple[Section, ...]:
    plan = NOTE.index("ASSESSMENT:")
    return (
        Section("hpi", 4, plan, 0, 4),
        Section("assessment", plan + 11, len(NOTE), plan, plan + 11),
    )


# Any Unicode but surrogates, with what breaks markup, tables and terminals made likely.
NASTY = st.text(
    st.one_of(
        st.sampled_from("<>&\"'\n\r\t\x00\x1b\u202e\u2028\ufeff;,=|é漢"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)
_WORDS = st.one_of(st.sampled_from(["hpi", "plan", "stage", "a<b", 'say "x" & y']), NASTY)
_WEIGHTS = st.floats(-20, 20, allow_nan=False)


@st.composite
def results(draw: st.DrawFn) -> CodingResult:
    """Results that keep the offset invariant, whatever the note and the words in them."""
    text = draw(NASTY)

    @st.composite
    def evidence(inner: st.DrawFn) -> Evidence:
        start = inner(st.integers(0, len(text)))
        end = inner(st.integers(start, len(text)))
        return Evidence(start, end, text[start:end], inner(_WORDS), inner(_WORDS))

    quotes = st.lists(evidence(), max_size=3).map(tuple)
    explanations = st.builds(
        Explanation,
        _WEIGHTS,
        st.lists(st.builds(Contribution, _WORDS, _WEIGHTS, quotes, _WORDS), max_size=3).map(tuple),
    )

    def suggestion(rank: int) -> Suggestion:
        explanation = draw(explanations)
        return Suggestion(
            draw(_WORDS),
            "ICD-10-CM",
            draw(_WORDS),
            explanation.score,
            rank,
            draw(st.booleans()),
            draw(quotes),
            explanation,
            draw(st.lists(st.builds(Alternative, _WORDS, _WORDS, _WORDS, _WORDS), max_size=2).map(tuple)),
            draw(st.lists(st.builds(Finding, _WORDS, _WORDS, _WORDS, _WORDS), max_size=2).map(tuple)),
        )

    def not_coded() -> NotCoded:
        where = draw(evidence())
        cue = draw(st.none() | evidence())
        return NotCoded(where.start, where.end, where.text, draw(_WORDS), where.section, ("R07.9",), cue)

    count, split = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    ranked = [suggestion(rank) for rank in range(1, count + 1)]
    options = st.lists(st.builds(QueryOption, _WORDS, _WORDS, _WORDS), max_size=2).map(tuple)
    header_end = draw(st.integers(0, len(text)))
    return CodingResult(
        tuple(ranked[:split]),
        tuple(ranked[split:]),
        tuple(not_coded() for _ in range(draw(st.integers(0, 2)))),
        draw(st.lists(st.builds(Query, _WORDS, _WORDS, options, _WORDS, quotes), max_size=2).map(tuple)),
        text,
        (Section("unknown", header_end, len(text), 0, header_end),),
        "outpatient",
        "reportable",
        draw(_WORDS),
        draw(st.none() | st.just("2026-04-15")),
        draw(st.floats(0, 1)),
    )
