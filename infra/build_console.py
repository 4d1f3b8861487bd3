"""Build the console's pages with Vite into `build/console`; what is unchanged since the last build is left alone."""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCES: Final = ROOT / "console"
BUILT: Final = ROOT / "build" / "console"
_PARTS: Final = (
    "index.html",
    "reference.html",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "src",
    "public",
)


def build_console(into: Path = BUILT) -> str:
    """Bring the built console up to date and return the digest of what it was built from.

    Raises `CalledProcessError` where Vite refuses the sources, with what it said on the terminal.
    """
    digest = _digest()
    stamp = into.with_name(f".{into.name}-stamp")
    if into.is_dir() and stamp.exists() and stamp.read_text() == digest:
        return digest
    stamp.unlink(missing_ok=True)  # a build that is cut short is not current
    vite: list[str | Path] = [SOURCES / "node_modules" / ".bin" / "vite", "build", "--logLevel", "warn"]
    subprocess.run([*vite, "--emptyOutDir", "--outDir", into], cwd=SOURCES, check=True)  # noqa: S603 - our own command
    stamp.write_text(digest)
    return digest


def _digest() -> str:
    digest = hashlib.sha256()
    for file in _sources():
        digest.update(f"\0{file.relative_to(SOURCES)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for part in _PARTS:
        place = SOURCES / part
        yield from sorted(each for each in place.rglob("*") if each.is_file()) if place.is_dir() else [place]
