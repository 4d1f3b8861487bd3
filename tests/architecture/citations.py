"""The files, folders, modules and sections that the pages, docstrings and comments of this repository cite."""

import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SHARED: Final = ROOT / "shared" / "atom_llm"
CODE: Final = ("shared", "functions", "infra", "local", "testing", "tests", "benchmarks")
# What is cited but made, not kept: builds, environments, and the data of one machine.
MADE: Final = ("build/", "python/", ".venv", ".local/", "node_modules/")

_ENDS: Final = r"\.(?:py|md|json|jsonl|svg|sh|in|toml|yaml)"
_IN_TICKS: Final = re.compile(r"`([^`\n]+)`")
_PATH: Final = re.compile(rf"[\w.*<>{{}},-]+(?:/[\w.*<>{{}},-]+)+(?:{_ENDS}|/)|[\w.*<>{{}},-]+(?:{_ENDS})|[\w.<>-]+/")
_PATH_IN_TEXT: Final = re.compile(rf"(?<![\w./:…<>-])(?:(?:[\w.-]+/)+[\w.-]+{_ENDS}|[\w-]+\.md)\b")
_SECTION: Final = re.compile(r'(docs/[\w-]+\.md), "([^"]+)"')
_LINK: Final = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([\w-]+))?\)")
_MODULE: Final = re.compile(r"python -m ((?:local|benchmarks|infra|testing|tests)[\w.]*)")


@dataclass(frozen=True, slots=True)
class Citation:
    """`what` is cited at `where`, a file with a line."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of prose, `lines` of `path` from `first` on."""

    path: Path
    first: int
    text: str

    def where(self, position: int) -> str:
        """The file with the line of a position in the text."""
        return f"{self.path.relative_to(ROOT)}:{self.first + self.text.count('\n', 0, position)}"


def pages() -> list[Path]:
    """The pages of this repository; the changelog may tell of files that have gone."""
    return [each for each in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")] if each.name != "CHANGELOG.md"]


def prose() -> list[Text]:
    """Every page, and the comments and strings of every Python file."""
    files = [file for folder in CODE for file in sorted((ROOT / folder).rglob("*.py"))]
    return [Text(page, 1, page.read_text()) for page in pages()] + [each for file in files for each in _told(file)]


def cited_paths(texts: Sequence[Text]) -> Iterator[Citation]:
    """Paths as a whole code span of a page, or in comments and docstrings with a slash, or of a page."""
    for text in texts:
        if text.path.suffix == ".md":
            for span in _IN_TICKS.finditer(_without_blocks(text.text)):
                if _PATH.fullmatch(span[1]) and not span[1].startswith(("/", *MADE)):
                    yield Citation(text.where(span.start()), span[1])
        else:
            for found in _PATH_IN_TEXT.finditer(text.text):
                if not found[0].startswith(MADE):
                    yield Citation(text.where(found.start()), found[0])


def cited_sections(texts: Sequence[Text]) -> Iterator[tuple[Citation, str]]:
    """Sections in quotation marks behind a page and a comma: the page, and the section."""
    for text in texts:
        for found in _SECTION.finditer(text.text):
            yield Citation(text.where(found.start()), found[1]), found[2]


def links(page: Path) -> Iterator[tuple[Citation, Path, str | None]]:
    """The links of a page to files of this repository, each with the anchor behind it."""
    text = Text(page, 1, page.read_text())
    for found in _LINK.finditer(text.text):
        target = page if not found[1] else (page.parent / found[1]).resolve()
        yield Citation(text.where(found.start()), found[0]), target, found[2]


def cited_modules(texts: Sequence[Text]) -> Iterator[Citation]:
    """Modules as `python -m module`."""
    for text in texts:
        for found in _MODULE.finditer(text.text):
            yield Citation(text.where(found.start()), found[1].rstrip("."))


def sections(page: Path) -> list[str]:
    """The headings of a page."""
    return re.findall(r"^#+ (.+)$", _without_blocks(page.read_text()), re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors that hosting platforms give to a page's headings."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in sections(page)}


def exists(path: str, beside: Path) -> bool:
    """True if a path as it is cited leads somewhere: from the root, the layer's code, or the citing file's folder.

    `*` and `<…>` stand for any name; a bare file name may stand anywhere in the repository's code.
    """
    pattern = re.sub(r"<[^>]*>", "*", path).rstrip("/")
    if "/" not in pattern and not path.endswith("/"):
        return any((ROOT / pattern).exists() or any((ROOT / each).rglob(pattern)) for each in (*CODE, "docs"))
    return any(any(start.glob(pattern)) for start in (ROOT, SHARED, beside.parent))


def module_exists(name: str) -> bool:
    """True if `python -m name` would find something to run."""
    file = ROOT.joinpath(*name.split("."))
    return file.with_suffix(".py").exists() or (file / "__main__.py").exists()


def _told(file: Path) -> Iterator[Text]:
    for token in tokenize.generate_tokens(io.StringIO(file.read_text()).readline):
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and token.string.startswith('"""')):
            yield Text(file, token.start[0], token.string)


def _without_blocks(text: str) -> str:
    """A page without its blocks of code, every line still in its place."""
    return re.sub(r"^```.*?^```", lambda block: "\n" * block[0].count("\n"), text, flags=re.DOTALL | re.MULTILINE)
