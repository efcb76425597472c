"""The straight line, readable from top to bottom: a note goes in, ranked codes with reasons come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from cac.codes.indexfiles import IndexFiles, read_index_files
from cac.codes.releases import as_date, choose_release
from cac.codes.table import CodeTable
from cac.config import Config
from cac.errors import ConfigError
from cac.extract.context import assess_spans
from cac.extract.definitions import definitions_of
from cac.extract.drugs import DrugMention, find_drugs, long_term_mentions
from cac.extract.entities import Entities
from cac.extract.fetus import number_fetuses
from cac.extract.gestation import count_pregnancies, gestation_mentions
from cac.extract.harm import harm_mentions
from cac.extract.measures import measure_mentions
from cac.extract.mentions import find_mentions
from cac.extract.metastases import read_metastases
from cac.extract.perpetrator import perpetrator_mentions
from cac.extract.pressure import split_pressure_ulcers
from cac.extract.venous import measure_ulcers, venous_ulcers
from cac.match.index import TermIndex
from cac.procedures.encounter import suggest_encounter
from cac.queries import documentation_queries
from cac.rank.meat import Meat
from cac.rank.ranking import logit, ranked
from cac.rank.score import NoteFacts, Weights, explain, load_weights, note_facts
from cac.result import CodingResult
from cac.rules.edits import check_patient, patient_findings
from cac.rules.engine import apply_rules
from cac.rules.gate import gate
from cac.rules.integrity import check_products
from cac.rules.tables import RuleTables, load_rules
from cac.rules.tabular import TabularNotes
from cac.text.reader import read
from cac.types import (
    AFFIRMED,
    Candidate,
    Mention,
    NotCoded,
    Note,
)

__all__ = ["SYSTEMS", "Coder"]

SYSTEMS = ("ICD-10-CM", "CPT")
KNOWN_SYSTEMS = (*SYSTEMS, "HCPCS")
SERVICE_THRESHOLD = 0.5
"""From this score a service is suggested; the weights of the diagnoses have a threshold of their own."""

Progress = Callable[[str], None]


class Coder:
    """A compiled coder: opens the tables once, then codes any number of notes.

    Parameters
    ----------
    config
        Settings for every note; see ``Config``.
    progress
        Called with one line of text while an index has to be built, which happens once.

    Raises
    ------
    ConfigError
        For settings that do not exist.
    TableError
        For code tables or lexicon files that are malformed.
    MissingDependencyError
        When the configuration names a spaCy pipeline that is not installed.

    Examples
    --------
    >>> coder = Coder()
    >>> [s.code for s in coder.suggest("Assessment: essential hypertension, well controlled.")]
    ['I10']
    """

    def __init__(self, config: Config | None = None, *, progress: Progress | None = None) -> None:
        self.config = config if config is not None else Config()
        self._progress = progress
        self.rules: RuleTables = load_rules()
        self._releases: dict[str, Release] = {}
        # All of them or none: a malformed file is refused before anything is built from it.
        given = self.config.index_files
        self._index_files = read_index_files(given) if given is not None else None
        self._entities = Entities(self.config.spacy_model) if self.config.spacy_model is not None else None
        self.release()

    def __repr__(self) -> str:
        return f"Coder({self.config!r})"

    def __reduce__(self) -> tuple[Callable[[Config], Coder], tuple[Config]]:
        return Coder, (self.config,)

    def suggest(
        self,
        note: str,
        *,
        setting: str | None = None,
        scope: str | None = None,
        systems: Iterable[str] = SYSTEMS,
        date_of_service: date | datetime | str | None = None,
        age: float | None = None,
        sex: str | None = None,
        threshold: float | None = None,
    ) -> CodingResult:
        """Code one note.

        Parameters
        ----------
        note
            The text of the note.
        setting, scope, threshold
            Override the configuration for this note.
        systems
            Code systems to suggest from, "ICD-10-CM" and "CPT" when not given; "HCPCS" if asked for.
        date_of_service
            Chooses the release in force that day; the newest when it is not given.
        age
            Years at the date of service, 0..130. Conflicts become findings.
        sex
            "F" or "M". Conflicts become findings.

        Returns
        -------
        CodingResult
            Suggestions ranked, first-listed first; candidates below the threshold; the ledger of
            what was recognised and not coded; documentation queries.

        Raises
        ------
        NoteError
            When the note is not text that can be read.
        ConfigError
            When an argument has a value that does not exist.
        """
        config = self.config.override(setting=setting, scope=scope, threshold=threshold)
        wanted = _checked_systems(systems)
        patient = check_patient(age, sex)
        day = as_date(date_of_service) if date_of_service is not None else None
        release = self.release(day)
        off = config.disabled_rules | self.rules.not_in_force(day)

        weights = load_weights(config.scope)
        seen = self.consider(note, config, release, weights, coded="ICD-10-CM" in wanted, disabled=off)
        final = tuple(
            replace(c, findings=(*c.findings, *found)) if found else c
            for c in seen.candidates
            for found in [patient_findings(c.code, release.table, patient, off)]
        )
        limit = config.threshold if config.threshold is not None else weights["threshold"]
        above, below = ranked(
            seen.note,
            final,
            seen.facts,
            weights,
            limit,
            config.scope,
            index=release.index,
            tabular=release.tabular,
            meat=Meat(seen.note, seen.drugs),
            ledger=seen.not_coded,
            disabled=config.disabled_rules,
        )
        queries = documentation_queries(
            seen.note, final, above, release.table, seen.documented, seen.not_coded, off
        )
        ledger = seen.not_coded
        if wanted != SYSTEMS[:1]:
            done = suggest_encounter(
                seen.note,
                above,
                final,
                systems=wanted,
                data_dir=config.data_dir,
                canonical=release.index.canon.text,
                date_of_service=day,
                setting=config.setting,
                threshold=SERVICE_THRESHOLD if config.threshold is None else config.threshold,
                age=age,
                disabled=config.disabled_rules,
                drugs=seen.drugs,
            )
            above, below = done.join(above, below)
            queries, ledger = (*queries, *done.queries), (*ledger, *done.not_coded)
        return CodingResult(
            suggestions=above,
            candidates=below,
            not_coded=_in_text_order(ledger),
            queries=queries,
            text=note,
            sections=seen.note.sections,
            setting=config.setting,
            scope=config.scope,
            release=release.table.release,
            date_of_service=day.isoformat() if day is not None else None,
            threshold=limit,
        )

    def consider(
        self,
        note: str,
        config: Config,
        release: Release,
        weights: Weights,
        *,
        coded: bool = True,
        disabled: frozenset[str] | None = None,
    ) -> Considered:
        """Everything up to the ranking: what fitting the weights and finding errors need to see.

        Parameters
        ----------
        weights
            Those of ``load_weights``, or others that are being tried.
        coded
            False for a note of which no code system is wanted.
        disabled
            Ids of rules that are off; those of ``config`` when not given.
        """
        off = config.disabled_rules if disabled is None else disabled
        read_note = read(note)
        drugs = find_drugs(read_note)
        mentions = self._mentions(read_note, release, config, drugs) if coded else []
        counted = mentions
        if config.scope == "reportable":
            counted = [m for m in mentions if m.method != "vague"]
        facts = note_facts(read_note, counted, release.index)
        # Rules ask how near a code is to being suggested, whatever threshold this caller wants.
        operating = logit(weights["threshold"])
        gated = gate(
            read_note,
            mentions,
            setting=config.setting,
            scope=config.scope,
            table=release.table,
            rules=self.rules,
            disabled=off,
            external_causes=config.external_causes,
        )
        ruled = apply_rules(
            read_note,
            {c.code: c for c in gated.candidates},
            scope=config.scope,
            rules=self.rules,
            tabular=release.tabular,
            strength=lambda c: explain(read_note, c, facts, weights).log_odds - operating,
            disabled=off,
        )
        ledger = (*gated.not_coded, *ruled.not_coded)
        return Considered(
            read_note, tuple(mentions), facts, ruled.candidates, ledger, tuple(drugs), gated.candidates
        )

    def suggest_many(
        self, notes: Iterable[str], *, n_process: int = 1, progress: bool = False, **options: Any
    ) -> Iterator[CodingResult]:
        """Code many notes, in order; ``n_process`` worker processes share the mapped index.

        ``options`` are those of ``suggest``. Results do not depend on ``n_process``.
        """
        from cac.parallel import coded

        return coded(self, notes, n_process=n_process, progress=progress, options=options)

    def release(self, date_of_service: date | datetime | str | None = None) -> Release:
        """The code table and its indexes in force on a day; the newest when no day is given."""
        if self.config.tables is not None:
            return self._from_tables()
        name = choose_release(date_of_service).name
        if name not in self._releases:
            table = CodeTable.open(name, progress=self._progress)
            self._releases[name] = Release(table, self._progress, self._index_files)
        return self._releases[name]

    def _from_tables(self) -> Release:
        """The one release of a coder that was given its own tables, whatever the day."""
        if not self._releases:
            table = CodeTable.from_csv(str(self.config.tables))
            self._releases[table.release] = Release(table, self._progress, self._index_files)
        return next(iter(self._releases.values()))

    def _mentions(
        self, note: Note, release: Release, config: Config, drugs: Sequence[DrugMention]
    ) -> list[Mention]:
        defined = definitions_of(note, release.index.canon) if config.defined_abbreviations else {}
        mentions = find_mentions(
            note, release.index, defined, matchers=config.matchers, parts=config.scope == "documented"
        )
        if self._entities is not None:
            mentions += self._entities.mentions(note, mentions, release.index)
        mentions = split_pressure_ulcers(note, mentions, release.table.row_of)
        mentions = measure_ulcers(note, mentions, release.table.row_of)
        mentions = number_fetuses(note, mentions, release.table.row_of)
        mentions = count_pregnancies(note, mentions, release.table.row_of)
        assertions = assess_spans(note, [(m.start, m.end) for m in mentions])
        asserted = [
            m if a is AFFIRMED else replace(m, assertion=a) for m, a in zip(mentions, assertions, strict=True)
        ]
        # Long-term drug use comes with its own cues: the drug table has judged it already.
        known = release.table.row_of
        asserted += harm_mentions(note, drugs, asserted, known)
        asserted += measure_mentions(note, asserted, known)
        asserted += perpetrator_mentions(note, asserted, known)
        asserted += venous_ulcers(note, asserted, known)
        asserted = read_metastases(note, asserted, known)
        return asserted + long_term_mentions(note, drugs, known) + gestation_mentions(note, asserted, known)


@dataclass(frozen=True, slots=True)
class Considered:
    """A note before its ranking: what was found, what the rules left, what they took away."""

    note: Note
    mentions: tuple[Mention, ...]
    facts: NoteFacts
    candidates: tuple[Candidate, ...]
    not_coded: tuple[NotCoded, ...]
    drugs: tuple[DrugMention, ...] = ()
    documented: tuple[Candidate, ...] = ()


class Release:
    """Everything that belongs to one release of the code table."""

    def __init__(self, table: CodeTable, progress: Progress | None, files: IndexFiles | None) -> None:
        self.table, self.index_files = table, files
        self.index = TermIndex.open(table, files=files, progress=progress)
        self.tabular = TabularNotes(table)
        check_products(table)


def _checked_systems(systems: Iterable[str]) -> tuple[str, ...]:
    wanted = (systems,) if isinstance(systems, str) else tuple(systems)
    unknown = [s for s in wanted if s not in KNOWN_SYSTEMS]
    if unknown:
        raise ConfigError(
            f"unknown code systems: {', '.join(map(str, unknown))}; known are {', '.join(KNOWN_SYSTEMS)}"
        )
    return wanted


def _in_text_order(ledger: Iterable[NotCoded]) -> tuple[NotCoded, ...]:
    return tuple(sorted(ledger, key=lambda n: (n.start, n.end, n.reason, n.codes)))
