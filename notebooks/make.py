"""Writes the notebooks from plain cells and runs them, so that their outputs are true.

    python notebooks/make.py

The tests run the same cells again and compare the outputs.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent

QUICKSTART = [
    (
        "markdown",
        "# Quick start\n\nA clinical note goes in, ranked billable codes come out, each with the exact words "
        "that support it and the rules behind it. Everything runs on this machine; nothing is sent "
        "anywhere.",
    ),
    (
        "code",
        "from pathlib import Path\n\nimport cac\n\n"
        "note = Path('../data/examples/clinic_note.txt').read_text()\n"
        "result = cac.suggest(note)\nresult",
    ),
    (
        "markdown",
        "The same as a table, one row a code. `suggested` says whether the tool stands behind it.",
    ),
    (
        "code",
        "frame = result.to_frame()\n"
        "print(frame[['code', 'description', 'score', 'suggested', 'evidence']].to_string(max_colwidth=44))",
    ),
    (
        "markdown",
        "## Why a code has its score\n\nA prior and named contributions that add up to the log-odds.",
    ),
    (
        "code",
        "first = result[0]\n"
        "print(first.code, first.description)\n"
        "print(f'{first.explanation.prior:+.2f}  prior')\n"
        "for c in first.explanation:\n"
        "    print(f'{c.value:+.2f}  {c.name}', [e.text for e in c.evidence][:2])\n"
        "print(f'{first.explanation.log_odds:+.2f}  log-odds, score {first.score:.2f}')",
    ),
    ("markdown", "## What was recognised and not coded\n\nNothing disappears without a reason."),
    (
        "code",
        "for line in result.not_coded:\n"
        "    cue = line.cue.text if line.cue else ''\n"
        "    print(f'{line.reason:18} {line.text!r:32} {cue!r:20} {line.citation}')",
    ),
    ("markdown", "## What the note leaves open"),
    (
        "code",
        "for query in result.queries:\n"
        "    print(query.question)\n"
        "    for option in query.options:\n"
        "        print('   ', option.answer, '->', option.code)",
    ),
    ("markdown", "## Many notes at once"),
    (
        "code",
        "import pandas as pd\n\n"
        "notes = pd.DataFrame({\n"
        "    'id': ['a', 'b', 'c'],\n"
        "    'note': ['Assessment: gout, left great toe.', 'Denies chest pain. Impression: migraine.',\n"
        "             'Assessment: hypertension, CKD stage 4.'],\n"
        "})\n"
        "long = cac.suggest_frame(notes, text='note', id='id')\n"
        "print(long[long['suggested']][['id', 'code', 'description']].to_string(index=False))",
    ),
    ("markdown", "## The code table itself"),
    (
        "code",
        "record = cac.lookup('E11.22')\n"
        "print(record.title)\n"
        "print(record.use_additional)\n"
        "for hit in cac.search('kidney stone', k=3):\n"
        "    print(hit.code, hit.description)",
    ),
]

NOTEBOOKS = {"01_quickstart.ipynb": QUICKSTART}


def build(name: str) -> nbformat.NotebookNode:
    """A notebook without outputs; cell ids are fixed so that the file is reproducible."""
    book = nbformat.v4.new_notebook()
    book.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for number, (kind, source) in enumerate(NOTEBOOKS[name]):
        make = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
        book.cells.append(make(source, id=f"cell-{number:02d}"))
    return book


def run(book: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with its outputs, without timings and version metadata."""
    NotebookClient(
        book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(HERE)}}
    ).execute()
    for cell in book.cells:
        cell.metadata.pop("execution", None)
    book.metadata.pop("language_info", None)
    return book


if __name__ == "__main__":
    for name in NOTEBOOKS:
        nbformat.write(run(build(name)), HERE / name)
