"""Judges the drawn cases by the npm package @cloud-copilot/iam-simulate and keeps its verdicts.

The package is AGPL: `npm install --prefix <directory> @cloud-copilot/iam-simulate` outside of this
repository, then `python -m tests.domain.policy.oracle <directory>`.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.domain.policy.oracle.cases import COUNT, SEED, digest, draw

VERDICTS = Path(__file__).with_name("verdicts.json.gz")
_LETTERS = {"Allowed": "A", "ExplicitlyDenied": "E", "ImplicitlyDenied": "I"}


def main(directory: str) -> None:
    cases = draw()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(cases, file)
        file.flush()
        command = ["node", str(Path(__file__).with_name("simulate.mjs")), directory, file.name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    verdicts = json.loads(done.stdout)
    errors = [verdict for verdict in verdicts if verdict not in _LETTERS]
    if errors:
        raise SystemExit(f"{len(errors)} cases are unusable: {Counter(errors).most_common(8)}")
    package = Path(directory) / "node_modules/@cloud-copilot/iam-simulate/package.json"
    kept = {
        "package": f"iam-simulate {json.loads(package.read_text())['version']}",
        "seed": SEED,
        "count": COUNT,
        "digest": digest(cases),
        "verdicts": "".join(map(_LETTERS.__getitem__, verdicts)),
    }
    VERDICTS.write_bytes(gzip.compress(json.dumps(kept).encode(), mtime=0))
    print(Counter(verdicts))


if __name__ == "__main__":
    main(sys.argv[1])
