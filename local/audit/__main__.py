"""`make audit`: the licences of what is deployed, its bills of materials, and whether it comes out the same twice.

The assets are built twice from nothing, in two places. Bills go to build/sbom. Fails on a licence that is not on the
list, on one that nobody names, and on assets that differ.
"""

import hashlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from infra.build_assets import CODE, DEPENDENCIES, ROOT, build, names
from local.audit.bills import asset, bill, write
from local.audit.licences import is_allowed
from local.audit.packages import AuditedPackage, packages_in

BILLS: Final = ROOT / "build" / "sbom"
LAYERS: Final = (DEPENDENCIES, CODE)
ARCH: Final = "arm64"  # what the stacks deploy
UNCHECKED: Final = (
    "Advisories: NOT CHECKED. No package brings a database of them along, and tools such as pip-audit ask a service."
)


def main() -> int:
    """Build twice, compare, judge, write the bills; returns the exit code."""
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        contents = [_built(Path(folder)) for folder in (first, second)]
        packages = packages_in(Path(first) / DEPENDENCIES / "python")
    differing = sorted(name for name in contents[0] if contents[0][name] != contents[1][name])
    refused = [each for owner in packages for each in (owner, *owner.parts) if not is_allowed(each.licence)]
    _write_bills(contents[0], packages)
    _report(packages, refused, contents[0], differing)
    return 1 if differing or refused else 0


def digest_of(folder: Path) -> str:
    """Return a digest of a folder's files: their names, modes and bytes, and not their times."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{file.stat().st_mode:o}\0{content}\n".encode())
    return digest.hexdigest()


def _built(folder: Path) -> dict[str, str]:
    build(ARCH, report=lambda _: None, into=folder)
    return {name: digest_of(folder / name) for name in names()}


def _write_bills(digests: dict[str, str], packages: list[AuditedPackage]) -> None:
    assets = {name: asset(name, digest, is_ours=name != DEPENDENCIES) for name, digest in digests.items()}
    for name, subject in assets.items():
        held = packages if name == DEPENDENCIES else []
        write(BILLS, name, bill(subject, held, [] if name in LAYERS else [assets[layer] for layer in LAYERS]))


def _report(
    packages: list[AuditedPackage], refused: list[AuditedPackage], digests: dict[str, str], differing: list[str]
) -> None:
    for each in packages:
        inside = f", {len(each.parts)} parts compiled in" if each.parts else ""
        print(f"  {each.name} {each.version}: {each.licence or 'no licence'} (by {each.source}){inside}")
    parts = sum(len(each.parts) for each in packages)
    print(f"Licences: {len(packages)} packages and {parts} parts compiled into them, {len(refused)} not allowed")
    for each in refused:
        print(f"  not allowed: {each.name} {each.version}: {each.licence or 'no licence'} (by {each.source})")
    print(f"Bills of materials: {len(digests)} files of CycloneDX 1.6 in {BILLS.relative_to(ROOT)}")
    print(f"Assets built twice: {len(digests) - len(differing)} of {len(digests)} are the same, byte by byte")
    for name in differing:
        print(f"  differs: {name}")
    print(UNCHECKED)


if __name__ == "__main__":
    sys.exit(main())
