"""Compiling a code table and the lexicon into the arrays the matchers read.

Three look-ups come out of it. *Sequences*: every title, inclusion term and lexicon row word for
word, as rolling hashes of all their prefixes, so that a note is matched by extending hashes, not by
walking a trie of Python objects. *Bags*: the same without defaults, sides and encounters, as sets of
canonical words found through their two rarest members. *Needs*: for every row of the table, the
words a note has to document, its side and its residual flags, for the walk down to the leaf.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cac.codes.anatomy import anatomy_terms, wholes_of
from cac.codes.store import Array, pack_strings
from cac.codes.table import CodeTable
from cac.match.arrays import entry_arrays, need_arrays, pair_arrays, sequence_arrays, whole_hashes
from cac.match.canon import Canon
from cac.match.lexicon import Abbreviation, Lexicon
from cac.match.official import OfficialTerm, add_official
from cac.match.postings import posting_arrays
from cac.match.titles import ParsedTitle, parse_title, sided_titles
from cac.match.words import BARRIER_WORDS, STOP_WORDS, fold, split_words
from cac.resources import read_table

__all__ = ["SOURCES", "build_rewrites", "compile_index"]

DRUG_COLUMNS = ("name", "generic", "drug_class", "long_term_code", "treats", "note")
SOURCES = ("vague", "index", "inclusion", "title", "lexicon")
"""What an entry was made from, weakest first; "vague" are words that name no particular condition, "index"
is an official index file of the user."""

_VAGUE, _INDEX, _INCLUSION, _TITLE, _LEXICON = range(5)


@dataclass(slots=True)
class _Entries:
    """Entries under construction: bag of words → rows and where they come from."""

    rows: dict[frozenset[str], dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    sequences: dict[tuple[str, ...], dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def add_bag(self, words: Iterable[str], row: int, source: int) -> None:
        known = self.rows[frozenset(words)]
        known[row] = max(source, known.get(row, 0))

    def add_sequence(self, words: tuple[str, ...], row: int, source: int) -> None:
        known = self.sequences[words]
        known[row] = max(source, known.get(row, 0))


def build_rewrites(lexicon: Lexicon) -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    """Synonyms by first canonical word, longest first, with chains followed to their end."""
    plain = Canon({})
    pairs: dict[tuple[str, ...], tuple[str, ...]] = {}
    for s in lexicon.synonyms:
        left, right = plain.text(s.term), plain.text(s.canonical)
        # A right side that holds the left would grow with every pass.
        if left and not _holds(right, left):
            pairs.setdefault(left, right)
    for _ in range(3):
        canon = Canon(_by_first(pairs))
        # A synonym of a synonym: the right-hand side is itself rewritten, never back onto the left.
        pairs = {
            left: right if (done := canon.text(" ".join(right))) == left else done
            for left, right in pairs.items()
        }
    return _by_first({left: right for left, right in pairs.items() if left != right})


def _holds(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(words[i : i + len(part)] == part for i in range(len(words) - len(part) + 1))


def _by_first(
    pairs: Mapping[tuple[str, ...], tuple[str, ...]],
) -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    rewrites: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for left in sorted(pairs, key=lambda p: (-len(p), p)):
        rewrites.setdefault(left[0], []).append((left[1:], pairs[left]))
    return rewrites


def compile_index(
    table: CodeTable, lexicon: Lexicon, official: Sequence[OfficialTerm] = ()
) -> tuple[dict[str, Array], dict[str, object]]:
    """Arrays and JSON metadata of the index over ``table``, ``lexicon`` and the user's index files."""
    rewrites = build_rewrites(lexicon)
    canon = Canon(rewrites)
    generic = {a for r in read_table("lexicon/generic_words.csv", ("word",)) for a in canon.text(r["word"])}
    parsed = _parse_titles(table)
    needs = [frozenset(canon.text(p.needed)) for p in parsed]
    entries = _collect(table, lexicon, canon, parsed, needs, generic)
    add_official(entries, official, table, canon, generic, _INDEX)

    words = sorted({w for bag in entries.rows for w in bag} | {w for s in entries.sequences for w in s})
    ids = {w: i + 1 for i, w in enumerate(words)}
    arrays: dict[str, Array] = {}
    meta: dict[str, object] = {
        "rewrites": {k: [[list(a), list(b)] for a, b in v] for k, v in sorted(rewrites.items())},
        "abbreviations": _abbreviations(lexicon, canon),
        "release": table.release,
        "wholes": _wholes(canon, ids),
    }
    arrays["vocabulary"], arrays["vocabulary_offsets"] = pack_strings(words)
    spelled = sorted(_spelled(table, lexicon).items())
    arrays["spelled"], arrays["spelled_offsets"] = pack_strings([w for w, _ in spelled])
    arrays["spelled_weight"] = np.array([n for _, n in spelled], np.int32)
    bags = sorted(
        (tuple(sorted(ids[w] for w in bag)), _best_rows(table, parsed, rows))
        for bag, rows in entries.rows.items()
    )
    sequences = [
        (tuple(ids[w] for w in seq), _best_rows(table, parsed, rows, exact=True))
        for seq, rows in sorted(entries.sequences.items())
    ]
    arrays |= entry_arrays(bags, sequences)
    arrays["bag_compact"] = np.array([_compact(table, *target) for _, target in bags], np.bool_)
    arrays |= sequence_arrays([s for s, _ in sequences], first_entry=len(bags))
    arrays["whole_hash"] = whole_hashes(
        [*(b for b, _ in bags), *(tuple(sorted(set(q))) for q, (source, _) in sequences if source != _VAGUE)]
    )
    arrays |= pair_arrays([b for b, _ in bags], len(words) + 1)
    arrays |= need_arrays(needs, parsed, ids)
    arrays |= posting_arrays(spelled, arrays["entry_words"], arrays["entry_words_ptr"])
    return arrays, meta


def _compact(table: CodeTable, source: int, rows: Sequence[int]) -> bool:
    """Whether the words of a bag have to stand together.

    An encounter is named as such; its words strewn over a clause ("blood pressure ... on examination")
    say something else.
    """
    return source in (_TITLE, _INCLUSION) and all(
        table.title(r).lower().startswith("encounter ") for r in rows
    )


def _wholes(canon: Canon, ids: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Number of a word that names a part of the body → words of what it belongs to → how far up."""
    numbers = {t: [ids.get(w, 0) for w in canon.text(t)] for t in sorted(anatomy_terms())}
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for part, own in numbers.items():
        if len(own) == 1 and own[0]:
            for up, whole in enumerate(wholes_of(part, ("part_of",)), 1):
                for word in numbers[whole] if all(numbers[whole]) else ():
                    if word != own[0]:
                        found[own[0]].setdefault(word, up)
    return {str(n): {str(w): up for w, up in sorted(far.items())} for n, far in sorted(found.items()) if far}


def _spelled(table: CodeTable, lexicon: Lexicon) -> dict[str, int]:
    """Every word as titles and lexicon spell it, before synonyms, and in how many of them it stands.

    None of them is a misspelling; those with a count are what a misspelling may have meant. Misspellings
    that have a row of their own are known (the row rewrites them), but nobody means them.
    """
    texts = [table.title(r) for r in range(len(table))]
    texts += [t for r in range(len(table)) for t in table.notes(r, "inclusion_term")]
    texts += [t.term for t in lexicon.terms]
    texts += [t for s in lexicon.synonyms if s.kind != "misspelling" for t in (s.term, s.canonical)]
    texts += [a.long for a in lexicon.abbreviations]
    texts += [r["name"] for r in read_table("lexicon/drugs", DRUG_COLUMNS)]
    count = Counter(w for text in texts for w in set(split_words(text)))
    for word in [w for w in count if fold(w) != w]:
        count[fold(word)] += 0
    for text in (
        *(s.term for s in lexicon.synonyms if s.kind == "misspelling"),
        *(r["word"] for r in read_table("lexicon/known_words.csv", ("word",))),
    ):
        for word in split_words(text):
            count[word] += 0
            count[fold(word)] += 0
    return count


def _parse_titles(table: CodeTable) -> list[ParsedTitle]:
    parsed: list[ParsedTitle | None] = [None] * len(table)
    titles = [table.title(r) for r in range(len(table))]
    children: dict[int, list[int]] = defaultdict(list)
    for row, parent in enumerate(table.parent.tolist()):
        children[parent].append(row)
    for siblings in children.values():
        sided = sided_titles(titles[r] for r in siblings)
        for r in siblings:
            # Seventh-character children repeat the title of a parent that stands on the side axis.
            parent = int(table.parent[r])
            above = parent >= 0 and parsed[parent] is not None and parsed[parent].side != ""  # type: ignore[union-attr]
            parsed[r] = parse_title(titles[r], sided=titles[r] in sided or above)
    return [p if p is not None else parse_title(t) for p, t in zip(parsed, titles, strict=True)]


def _collect(
    table: CodeTable,
    lexicon: Lexicon,
    canon: Canon,
    parsed: Sequence[ParsedTitle],
    needs: Sequence[frozenset[str]],
    generic: set[str],
) -> _Entries:
    entries = _Entries()
    vague: dict[tuple[str, ...], int] = {}
    for row in range(len(table)):
        if table.kind(row) in ("chapter", "block"):
            continue
        full = canon.text(parsed[row].full)
        if full:
            entries.add_sequence(full, row, _TITLE)
        external = table.codes[row][0] in "VWXY"
        if not needs[row] <= generic and not (parsed[row].other and len(needs[row]) < 2):
            if len(needs[row]) > 1:
                entries.add_bag(needs[row], row, _TITLE)
            elif not external:
                entries.add_sequence(tuple(needs[row]), row, _TITLE)
        for text in table.notes(row, "inclusion_term"):
            # A short form alone ("PIN", "HR+") is read by its abbreviation rows, where case counts.
            if not _short_form(text):
                _add_words(entries, canon, generic, text, row, _INCLUSION)
    settled = _settled(lexicon)
    for term in lexicon.terms:
        parts = term.term.split()
        # A short form alone is read as what it stands for, and what that means is for its own rows to say.
        spelled = " ".join(settled.get(w, w) for w in parts) if len(parts) > 1 else term.term
        for text in dict.fromkeys((term.term, spelled)) if term.code in table else ():
            words = canon.text(text)
            if words and not (len(words) == 1 and " " not in words[0] and _has_stop_words(term.term)):
                row = table.row(term.code)
                if term.kind == "vague":
                    vague[words] = row
                    continue
                entries.add_sequence(words, row, _LEXICON)
                # "no vomiting, nausea" is not "nausea, no vomiting": where one is denied, order counts.
                if len(set(words)) > 1 and BARRIER_WORDS.isdisjoint(words):
                    entries.add_bag(words, row, _LEXICON)
    for words, row in vague.items():
        # Even where a title says no more ("Illness, unspecified").
        entries.sequences[words] = {row: _VAGUE}
    return entries


def _settled(lexicon: Lexicon) -> dict[str, str]:
    """Short forms with one meaning, which notes are read with: rows that hold them are met spelled out."""
    senses: dict[str, list[Abbreviation]] = defaultdict(list)
    for a in lexicon.abbreviations:
        senses[a.short.lower()].append(a)
    return {w: a.long for w, (a, *more) in senses.items() if len(w) > 2 and not more and a.prior >= 0.9}


def _has_stop_words(term: str) -> bool:
    """Whether a row loses words: what is left of "on edge" must not alone mean nervousness."""
    return any(w in STOP_WORDS for w in split_words(term))


def _short_form(text: str) -> bool:
    return " " not in text.strip() and sum(c.isupper() for c in text) > 1


def _add_words(entries: _Entries, canon: Canon, generic: set[str], text: str, row: int, source: int) -> None:
    p = parse_title(text)
    full = canon.text(p.full)
    if len(full) > 1:
        entries.add_sequence(full, row, source)
    needed = canon.text(p.needed)
    if not needed or set(needed) <= generic or (p.other and len(needed) < 2):
        return
    if len(set(needed)) > 1:
        entries.add_bag(needed, row, source)
    else:
        entries.add_sequence(needed[:1], row, source)


def _best_rows(
    table: CodeTable, parsed: Sequence[ParsedTitle], rows: Mapping[int, int], *, exact: bool = False
) -> tuple[int, list[int]]:
    """The rows an entry leads to: of the best source, without residual ones or ones below another.

    A title word for word (``exact``) means the code that can be billed where a category repeats it.
    """
    top = max(rows.values())
    best = sorted(r for r, source in rows.items() if source == top)
    # A sided code is not what its title means without the side ("tinnitus" is not "tinnitus, bilateral").
    whole = [r for r in best if table.billable[r] and not parsed[r].side]
    if exact and top == _TITLE and whole:
        return top, whole
    plain = [r for r in best if not parsed[r].other]
    best = plain or best
    return top, [r for r in best if not any(a in best for a in table.ancestors(r))]


def _abbreviations(lexicon: Lexicon, canon: Canon) -> dict[str, list[list[object]]]:
    """First token → [tokens, exact surface or "", senses]; JSON, so that the index needs no pickle."""
    common = {r["word"] for r in read_table("lexicon/common_words.csv", ("word",))}
    shapes: dict[tuple[tuple[str, ...], str], list[list[object]]] = defaultdict(list)
    for a in lexicon.abbreviations:
        tokens = tuple(_short_tokens(a.short))
        exact = len(a.short) <= 2 or a.short.lower() in common or _mixed_case(a.short)
        surface = a.short.replace(" ", "") if exact else ""
        words = list(canon.text(a.long))
        if tokens and (words or a.long == "secondary to"):
            shapes[tokens, surface].append([words, a.prior, list(a.sections), list(a.context)])
    out: dict[str, list[list[object]]] = {}
    for (tokens, surface), senses in sorted(
        shapes.items(), key=lambda kv: (-len(kv[0][0]), kv[0][0], not kv[0][1], kv[0][1])
    ):
        senses.sort(key=lambda s: (-float(s[1]), s[0]))  # type: ignore[arg-type]
        out.setdefault(tokens[0], []).append([list(tokens), surface, senses])
    return out


def _mixed_case(short: str) -> bool:
    """Whether the case carries meaning: "PsA" is psoriatic arthritis, "PSA" an antigen."""
    return sum(c.isupper() for c in short) > 1 and any(c.islower() for c in short)


def _short_tokens(short: str) -> list[str]:
    """The tokens a short form makes in a note; slashes and hyphens stand as tokens of their own."""
    from cac.text.tokens import tokenize

    return [w for w in tokenize(short).lower]
