"""Bare circuit boards with tiny defects, drawn: pictures like those of inspection cameras.

`python -m research.circuits --folder /tmp/sets` writes the sets `circuits` (photographs) and
`scans` (nearly black and white), which `LENSMITH_DATA=/tmp/sets python -m bench localization
--sets circuits,scans` reads.
"""
