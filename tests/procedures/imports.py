"""Made-up imported sets: the descriptors and the edits are ours, whatever the code numbers mean elsewhere."""

from __future__ import annotations

from pathlib import Path

import cac

CPT = """\
code,description,consumer,synonyms
44970,Removal of the little tube through a scope,,
96372,A shot under the skin,,
20610,Needle into a large joint,,
99213,Visit of the third kind,,
9990T,"Repair of kite, open; with tail",,
9991T,"Repair of kite, open; without tail",,
9992T,Polishing of lantern,,
9993T,"Tuning of wind harp, complete",,
"""

HCPCS = """\
Code,Description,Add Dt,Term Dt
J1885,Drops of the kettle per 15 mg,19960101,
E0114,Sticks to walk with,19960101,20251001
Q9999,Mending of a wind chime,20240101,
"""

NCCI = "C1,C2,Eff,Del,Mod\n44970,96372,20200101,20251231,1\n9990T,9992T,20200101,*,0\n"
MUE = "Code,MUE Values,MAI\nJ1885,2,3 Day\n"


def import_all(folder: Path, *names: str) -> Path:
    """The sets named, or all of them, imported into a data folder below ``folder``."""
    data = folder / "data"
    for name, text in (("cpt", CPT), ("hcpcs", HCPCS), ("ncci", NCCI), ("mue", MUE)):
        if names and name not in names:
            continue
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        if name == "cpt":
            cac.import_cpt(path, accept_licence=True, data_dir=data)
        else:
            getattr(cac, f"import_{name}")(path, data_dir=data)
    return data
