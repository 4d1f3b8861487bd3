"""Whatever a page, a docstring or a comment points to is there."""

import pytest

from tests.architecture.citations import (
    ROOT,
    Text,
    anchors,
    cited_modules,
    cited_paths,
    cited_sections,
    exists,
    links,
    module_exists,
    pages,
    prose,
    sections,
)


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return prose()


def test_every_file_that_is_cited_exists(texts: list[Text]) -> None:
    lost = [each for each in cited_paths(texts) if not exists(each.what, ROOT / each.where.rpartition(":")[0])]
    assert lost == []


def test_every_section_that_is_cited_exists(texts: list[Text]) -> None:
    cited = list(cited_sections(texts))
    lost = [(page, name) for page, name in cited if name not in sections(ROOT / page.what)]
    assert lost == []
    assert {page.what for page, _ in cited} >= {"docs/routing.md", "docs/security.md"}


def test_every_module_that_is_to_be_run_exists(texts: list[Text]) -> None:
    assert [each for each in cited_modules(texts) if not module_exists(each.what)] == []


def test_every_link_between_pages_leads_to_a_file_and_a_heading() -> None:
    lost = [
        citation
        for page in pages()
        for citation, target, anchor in links(page)
        if not target.exists() or (anchor is not None and anchor not in anchors(target))
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("path", "is_there"),
    [
        ("domain/routing/retry.py", True),
        ("domain/routing/retries.py", False),
        ("docs/routing.md", True),
        ("docs/directions.md", False),
        ("services/<capability>/", True),
        ("functions/<group>/routes_*.py", True),
        ("functions/<group>/roads_*.py", False),
        ("test_retry.py", True),
        ("test_retries.py", False),
    ],
)
def test_a_path_is_looked_for_where_a_reader_would(path: str, is_there: bool) -> None:
    assert exists(path, ROOT / "README.md") is is_there
