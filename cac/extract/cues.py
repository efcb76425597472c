"""Assertion cues: the rows of ``data/lexicon/cues.csv`` compiled for one pass over the tokens.

The knowledge is that of NegEx (Chapman 2001) and ConText (Harkema 2009), widened for
form fields, section defaults and the coding guidelines (I.B.4, II.H, IV.H). A row is

``cue``
    words, with placeholders ``<kin>``, ``<say>`` ... for the classes of ``cue_words.csv``,
    ``<num>`` and ``<year>`` for digits, ``<w>`` for any one word; a leading ``^`` asks for the start
    of a clause, a trailing ``$`` for its end.
``category``
    a dimension of :class:`cac.types.Assertion`; ``attribute`` (negates what follows, within a
    closer reach); ``affirm`` (ends a negation, or cancels "history of" from behind);
    ``terminator`` (ends scopes); ``pseudo`` (matches first and blocks the shorter cues in it).
``direction``
    ``pre`` acts on what follows, ``post`` on what precedes, ``both`` on either; ``in``, for
    terminators, is a finite verb: it ends the scope where its clause begins.
``window``
    the farthest token it reaches; empty for no limit within the clause.
``reach``
    how it crosses commas: ``none``, ``or`` (only inside a list closed by "or"), ``all`` (until the
    list is closed by "or"), ``any``. An ``affirm`` row with ``any`` also voids a date behind it
    ("diagnosed with gout in 2014"), and one behind its mention cancels "history of" only with ``or``.
    For terminators: the dimensions that end (empty: all).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from cac.errors import TableError
from cac.resources import one_of, read_table, required
from cac.text.tokens import tokenize

__all__ = ["DIMENSIONS", "CueRule", "CueStart", "CueTable", "compile_rules", "cue_table"]

DIMENSIONS = ("negated", "uncertain", "historical", "hypothetical", "family", "planned", "other_person")

_CATEGORIES = (*DIMENSIONS, "attribute", "affirm", "terminator", "pseudo")
_DIRECTIONS = ("pre", "post", "both", "in")
_REACHES = ("", "none", "or", "all", "any")
_DEFAULT_REACH = {"negated": "all", "hypothetical": "any", "family": "any", "other_person": "any"}
_COLUMNS = ("cue", "category", "direction", "window", "reach", "note")
_PLACEHOLDER = re.compile(r"<(\w+)>")
_DYNAMIC = {"num": "7", "year": "1998", "w": "zqw"}

Node = dict[str, Any]
"""A trie node: the next token, or a ``<class>``, to the next node; ``""`` holds the rules that end
here, ``"$"`` those that end here at the end of a clause."""


@dataclass(frozen=True, slots=True, order=True)
class CueRule:
    """One compiled row. ``dim`` indexes :data:`DIMENSIONS` (-1: none), ``bit`` is its mask,
    ``ends`` the mask of what a terminator ends, ``window`` 0 means no limit."""

    kind: str
    dim: int
    bit: int
    direction: str
    window: int
    reach: str
    ends: int


CLAUSE_MARKS = (",", "and &", "or nor", "( [", ") ]", ":", ";", "-", "| •")
"""What divides a sentence beside the cues: kinds of marks, each with its tokens."""


class CueStart(NamedTuple):
    """What may follow the first token of a cue.

    ``rules`` are those of the token by itself, ``closing`` those that ask for the end of the clause.
    ``follow`` holds every word a longer cue may go on with (``None``: any), so that most tokens are
    settled without walking the trie.
    """

    nodes: tuple[Node, ...]
    rules: tuple[CueRule, ...]
    closing: tuple[CueRule, ...]
    follow: frozenset[str] | None
    number: bool


class Entry(NamedTuple):
    """What a word may be to a scope: the start of cues, of cues at the start of a clause, and the kind
    of ``CLAUSE_MARKS`` (-1: none)."""

    start: CueStart | None
    at_clause: CueStart | None
    kind: int


@dataclass(frozen=True, slots=True)
class CueTable:
    """All cues, ready to be matched: ``free`` and ``anchored`` (clause start) tries by first token, the
    classes each word belongs to, and ``entries``: every word that a scope may take notice of."""

    free: dict[str, CueStart]
    anchored: dict[str, CueStart]
    classes: dict[str, tuple[str, ...]]
    entries: dict[str, Entry]


@lru_cache(maxsize=1)
def cue_table() -> CueTable:
    """The packaged cues, compiled once.

    Raises
    ------
    TableError
        Naming every bad row of ``cues.csv`` or ``cue_words.csv``.

    Examples
    --------
    >>> "denies" in cue_table().free
    True
    """
    words = read_table("lexicon/cue_words.csv", ("class", "word"), {"class": required, "word": required})
    rows = read_table(
        "lexicon/cues.csv",
        _COLUMNS,
        {
            "cue": required,
            "category": one_of(*_CATEGORIES),
            "direction": one_of(*_DIRECTIONS),
            "window": lambda cell: None if not cell or cell.isdecimal() else "is not a number of tokens",
        },
    )
    return compile_rules(rows, [(row["class"], row["word"]) for row in words])


def compile_rules(rows: list[dict[str, str]], words: list[tuple[str, str]]) -> CueTable:
    """Compile cue rows and (class, word) pairs; raise TableError naming every row that cannot be."""
    problems: list[str] = []
    classes: dict[str, list[str]] = {}
    members: dict[str, list[str]] = {}
    for number, (name, word) in enumerate(words, 2):
        tokens = _tokens(word)
        if len(tokens) != 1:
            problems.append(f"cue_words.csv:{number}: {name} {word!r} is not one token")
            continue
        names = classes.setdefault(tokens[0], [])
        if f"<{name}>" in names:
            problems.append(f"cue_words.csv:{number}: {name} {word!r} stands there twice")
            continue
        names.append(f"<{name}>")
        members.setdefault(name, []).append(tokens[0])
    free: Node = {}
    anchored: Node = {}
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(rows, 2):
        where = f"cues.csv:{number}"
        pattern = _pattern(row["cue"])
        fault = _row_fault(row, pattern, members)
        key = (
            "^" if row["cue"].startswith("^") else "",
            *pattern,
            row["category"],
            row["direction"],
            row["reach"],
        )
        if fault is None and key in seen:
            fault = "the same cue, category, direction and reach again"
        seen.add(key)
        if fault is not None:
            problems.append(f"{where}: {row['cue']!r} {fault}")
            continue
        _insert(anchored if row["cue"].startswith("^") else free, pattern, _rule(row))
    if problems:
        raise TableError(f"assertion cues: {len(problems)} bad rows", problems)
    by_first, at_clause = _by_first(free, members), _by_first(anchored, members)
    kinds = {token: kind for kind, tokens in enumerate(CLAUSE_MARKS) for token in tokens.split()}
    return CueTable(
        by_first,
        at_clause,
        {word: tuple(names) for word, names in classes.items()},
        {
            word: Entry(by_first.get(word), at_clause.get(word), kinds.get(word, -1))
            for word in sorted({*by_first, *at_clause, *kinds})
        },
    )


def _row_fault(row: dict[str, str], pattern: list[str], members: dict[str, list[str]]) -> str | None:
    if not pattern:
        return "has no words"
    unknown = [c for c in _PLACEHOLDER.findall(row["cue"]) if c not in members and c not in _DYNAMIC]
    if unknown:
        return f"names unknown classes {', '.join(unknown)}"
    if row["category"] == "terminator":
        wrong = [name for name in row["reach"].split() if name not in DIMENSIONS]
        return f"ends unknown dimensions {', '.join(wrong)}" if wrong else None
    if row["reach"] not in _REACHES:
        return f"has reach {row['reach']!r}, not one of none, or, all, any"
    if row["direction"] == "in":
        return "has direction in, which is for terminators"
    return None


def _rule(row: dict[str, str]) -> CueRule:
    category = row["category"]
    kind = "negated" if category == "attribute" else category
    dim = DIMENSIONS.index(kind) if kind in DIMENSIONS else -1
    ends = 0
    reach = row["reach"]
    if category == "terminator":
        ends = sum(1 << DIMENSIONS.index(name) for name in row["reach"].split()) or (1 << len(DIMENSIONS)) - 1
        reach = ""
    elif not reach:
        reach = "or" if row["direction"] == "post" else _DEFAULT_REACH.get(category, "or")
    return CueRule(
        "cue" if dim >= 0 else kind,
        dim,
        1 << dim if dim >= 0 else 0,
        row["direction"],
        int(row["window"] or 0),
        reach,
        ends,
    )


def _tokens(text: str) -> list[str]:
    return list(tokenize(text).lower)


def _pattern(cue: str) -> list[str]:
    """The tokens of a cue. Placeholders are tokenised as a stand-in word, so that a cue splits just
    as the note will."""
    stand_ins: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        name = match.group(1)
        word = _DYNAMIC.get(name, "zq" + name)
        stand_ins[word] = f"<{name}>"
        return word

    body = cue.removeprefix("^").removesuffix("$").strip()
    tokens = [stand_ins.get(t, t) for t in _tokens(_PLACEHOLDER.sub(stand_in, body))]
    return [*tokens, "$"] if tokens and cue.endswith("$") else tokens


def _insert(root: Node, pattern: list[str], rule: CueRule) -> None:
    node = root
    leaf = "$" if pattern[-1] == "$" else ""
    for token in pattern[:-1] if leaf else pattern:
        node = node.setdefault(token, {})
    rules: tuple[CueRule, ...] = node.get(leaf, ())
    if rule not in rules:
        node[leaf] = (*rules, rule)


def _by_first(root: Node, members: dict[str, list[str]]) -> dict[str, CueStart]:
    """The children of the root, with every class written out into its words."""
    first: dict[str, list[Node]] = {}
    for token, node in root.items():
        for word in _written_out(token, members):
            first.setdefault(word, []).append(node)
    return {word: _start(nodes, members) for word, nodes in first.items()}


def _start(nodes: list[Node], members: dict[str, list[str]]) -> CueStart:
    after = [token for node in nodes for token in node if token not in ("", "$")]
    follow = frozenset(word for token in after for word in _written_out(token, members))
    return CueStart(
        tuple(nodes),
        tuple(sorted(rule for node in nodes for rule in node.get("", ()))),
        tuple(rule for node in nodes for rule in node.get("$", ())),
        None if "<w>" in follow else follow,
        "<num>" in follow or "<year>" in follow,
    )


def _written_out(token: str, members: dict[str, list[str]]) -> list[str]:
    name = token[1:-1] if token[0] == "<" and token[-1] == ">" else ""
    return [*members.get(name, ()), token] if name in _DYNAMIC else members.get(name, [token])
