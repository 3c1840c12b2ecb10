"""No link of the documentation, and no path of a file in it, leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from tests.architecture.sources import REPOSITORY, pages

PAGES = pages()
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?)\s*$", re.M)
_PATH = re.compile(r"`((?:\.ci|bench|console|docs|research|src|tests)/[\w./-]*)[^`\n]*`")
_HISTORY = {"CHANGELOG.md"}  # names files as they were called then


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in _LINK.findall(PAGES[page]) if not _leads_somewhere(page, link)] == []


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name not in _HISTORY],
    ids=lambda page: str(page.relative_to(REPOSITORY)),
)
def test_files_that_are_named_exist(page: Path) -> None:
    named = {path.rstrip("/.") for path in _PATH.findall(PAGES[page]) if "/results" not in path}
    assert {path for path in named if not (REPOSITORY / path).exists()} == set()


def _leads_somewhere(page: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    path, _, anchor = unquote(link).partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = [
        re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", one) for one in _HEADING.findall(PAGES[page])
    ]
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
