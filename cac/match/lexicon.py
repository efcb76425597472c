"""The reviewed rows that take clinicians' words to canonical words and to code nodes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from cac.errors import TableError
from cac.resources import Check, data_path, one_of, read_table, required

__all__ = ["Abbreviation", "Lexicon", "Synonym", "Term", "lexicon_digest", "load_lexicon"]

_TERM_KINDS = ("synonym", "lay", "eponym", "adjective", "variant", "abbreviation", "vague")
_SYNONYM_KINDS = ("adjective", "lay", "variant", "british", "plural", "misspelling", "eponym", "synonym")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that name a code node."""

    term: str
    code: str
    kind: str


@dataclass(frozen=True, slots=True)
class Synonym:
    """Words that are read as other words, in notes and in titles alike."""

    term: str
    canonical: str
    kind: str


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """One sense of a short form.

    ``prior`` is the share of clinical uses that mean this, ``sections`` the section kinds and
    ``context`` the neighbouring words that speak for it.
    """

    short: str
    long: str
    prior: float
    sections: tuple[str, ...]
    context: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    terms: tuple[Term, ...]
    synonyms: tuple[Synonym, ...]
    abbreviations: tuple[Abbreviation, ...]


def _prior(cell: str) -> str | None:
    try:
        return None if 0 < float(cell) <= 1 else f"is {cell}, not in (0, 1]"
    except ValueError:
        return f"is {cell!r}, not a number"


def load_lexicon() -> Lexicon:
    """Read every lexicon file of the package, sorted so that the order of rows never matters.

    Raises
    ------
    TableError
        Naming every bad row, and every word rewritten in two different ways.
    """
    term_checks: dict[str, Check] = {"term": required, "code": required, "kind": one_of(*_TERM_KINDS)}
    synonym_checks: dict[str, Check] = {
        "term": required,
        "canonical": required,
        "kind": one_of(*_SYNONYM_KINDS),
    }
    terms = read_table("lexicon/terms", ("term", "code", "kind"), term_checks)
    synonyms = read_table("lexicon/synonyms", ("term", "canonical", "kind"), synonym_checks)
    abbreviations = read_table(
        "lexicon/abbreviations",
        ("short", "long", "prior", "sections", "context"),
        {"short": required, "long": required, "prior": _prior},
    )
    lexicon = Lexicon(
        terms=tuple(
            sorted({(r["term"], r["code"], r["kind"]): Term(**r) for r in terms}.values(), key=_term_key)
        ),
        synonyms=tuple(sorted((Synonym(**r) for r in synonyms), key=lambda s: (s.term, s.canonical))),
        abbreviations=tuple(
            sorted(
                (
                    Abbreviation(
                        r["short"], r["long"], float(r["prior"]), _split(r["sections"]), _split(r["context"])
                    )
                    for r in abbreviations
                ),
                key=lambda a: (a.short.lower(), a.short, -a.prior, a.long),
            )
        ),
    )
    _refuse_conflicts(lexicon)
    return lexicon


def _term_key(term: Term) -> tuple[str, str, str]:
    return term.term, term.code, term.kind


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _refuse_conflicts(lexicon: Lexicon) -> None:
    codes: dict[str, set[str]] = {}
    for t in lexicon.terms:
        codes.setdefault(t.term.lower(), set()).add(t.code)
    rewrites: dict[str, set[str]] = {}
    for s in lexicon.synonyms:
        rewrites.setdefault(s.term.lower(), set()).add(s.canonical.lower())
    problems = [f"term {t!r} has codes {sorted(c)}" for t, c in sorted(codes.items()) if len(c) > 1]
    problems += [f"synonym {t!r} is read as {sorted(c)}" for t, c in sorted(rewrites.items()) if len(c) > 1]
    if problems:
        raise TableError(f"lexicon: {len(problems)} conflicts", problems)


def lexicon_digest() -> str:
    """A digest of every lexicon file that the compiled index depends on."""
    h = hashlib.blake2b(digest_size=16)
    for path in _files(data_path("lexicon")):
        h.update(path.name.encode())
        h.update(path.read_bytes())
    return h.hexdigest()


def _files(path: Traversable) -> Iterator[Traversable]:
    for p in sorted(path.iterdir(), key=lambda p: p.name):
        if p.is_dir():
            yield from _files(p)
        elif p.name.endswith(".csv"):
            yield p
