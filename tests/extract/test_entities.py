"""A user's own spaCy pipeline as a further source of mentions."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from cac.coder import Coder
from cac.config import Config
from cac.errors import MissingDependencyError


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline whose recogniser knows a misspelled name, something the index finds too, and nonsense."""
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]
        [
            {"label": "DISEASE", "pattern": "Bronchiolitiss"},
            {"label": "DISEASE", "pattern": "gout"},
            {"label": "DISEASE", "pattern": "qwertyosis"},
        ]
    )
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return path


def test_entities_add_mentions(model: Path, coder: Coder) -> None:
    # A capital inside a sentence is not repaired as a misspelling; the recogniser knows better.
    note = "Assessment: has Bronchiolitiss and qwertyosis."
    assert [s.code for s in coder.suggest(note)] == []
    (s,) = Coder(Config(spacy_model=str(model))).suggest(note)
    assert s.code == "J21.9"
    assert [e.text for e in s.evidence] == ["Bronchiolitiss"]


def test_entities_never_repeat_a_mention(model: Path, coder: Coder) -> None:
    note = "Assessment: gout."
    with_model = Coder(Config(spacy_model=str(model))).suggest(note)
    assert with_model.to_json() == coder.suggest(note).to_json()


def test_entities_are_asserted_like_all_mentions(model: Path) -> None:
    result = Coder(Config(spacy_model=str(model))).suggest("Assessment: no sign of Bronchiolitiss.")
    assert len(result) == 0
    assert [n.reason for n in result.not_coded] == ["negated"]


def test_a_pipeline_that_is_not_installed_is_a_clear_error() -> None:
    with pytest.raises(MissingDependencyError, match="'no_such_pipeline' is not installed"):
        Coder(Config(spacy_model="no_such_pipeline"))
