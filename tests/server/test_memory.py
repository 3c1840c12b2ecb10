from __future__ import annotations

import platform
import subprocess
import sys

import pytest

WORK = """
import resource, threading
{prepare}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def use():
    for _ in range(20):
        blocks = [b"x" * (4 << 20) for _ in range(3)]
before = faults()
for _ in range(6):
    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
print(faults() - before)
"""
PAGES = 2 * 3 * (4 << 20) // 4096  # of a thread's blocks: new ones come before old ones go
ARENAS = 2


def faults_of(prepare: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", WORK.format(prepare=prepare)],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout)


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc can be told how to keep memory"
)
def test_blocks_of_megabytes_are_used_again() -> None:
    prepare = "from lensmith.server.memory import keep_large_blocks; keep_large_blocks()"
    # Every arena takes fresh pages once; unprepared it is more than 30 * PAGES.
    assert faults_of(prepare) < (ARENAS + 1) * PAGES


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="faults are those of glibc")
def test_other_c_libraries_are_left_alone() -> None:
    prepare = "from lensmith.server.memory import keep_large_blocks; keep_large_blocks('musl')"
    assert faults_of(prepare) > 3 * (ARENAS + 1) * PAGES
