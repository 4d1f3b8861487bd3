"""Build what the stacks upload, without docker: two layers and one folder a function, under `build/`.

`python -m infra.build_assets --arch arm64|x86_64|native`; what is unchanged since the last build is left alone.
"""

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from infra.build_console import BUILT, build_console
from infra.package_index import uv_environment

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
UV = Path(sys.executable).with_name("uv")
REQUIREMENTS = ROOT / "requirements" / "runtime.txt"

PYTHON_VERSION = "3.13"  # of the Lambda runtime; bytecode is compiled by this very interpreter
UV_PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}  # Lambda runs Amazon Linux 2023
DEPENDENCIES = "layer-dependencies"
CODE = "layer-code"
FUNCTION_GROUPS = ("byok", "chat", "pricing", "registry", "tiers")
REFERENCE = ROOT / "local" / "reference"
CONSOLE = "functions/console"  # a function without layers, which answers the console's files

# boto3 is in the layer although the Lambda runtime has one: what is deployed is then what was tested, on the day that
# AWS moves theirs too. The price would be 30 MB of descriptions of services that nothing here calls; only these stay.
AWS_SERVICES = frozenset({"dynamodb", "events", "kms", "secretsmanager", "ssm"})

# Never imported by a running function. Licences and METADATA stay: what is redistributed keeps its terms, and some
# packages read their own version.
UNNEEDED = (
    "**/__pycache__",
    "**/tests",
    "**/*.pyi",
    "**/py.typed",
    "bin",
    ".lock",
    "*.dist-info/RECORD",
    "boto3/examples",
)


def build(arch: str, *, report: Callable[[str], None] = print, into: Path = BUILD) -> str:
    """Bring every asset in a folder up to date and return one digest of them all."""
    if sys.version_info[:2] != (3, 13):
        raise SystemExit(f"Assets are compiled by Python {PYTHON_VERSION}; this is {platform.python_version()}.")
    digests = [_dependencies(into / DEPENDENCIES, arch, report)]
    digests.append(_code(into / CODE, Path("python/atom_llm"), ROOT / "shared" / "atom_llm", "/opt", report))
    for group in FUNCTION_GROUPS:
        source = ROOT / "functions" / group
        digests.append(_code(into / "functions" / group, Path("functions") / group, source, "/var/task", report))
    digests.append(_console(into / CONSOLE, "".join(digests), report))
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def names() -> list[str]:
    """Return the names of the assets: their folders, from the one that they are built into."""
    return [DEPENDENCIES, CODE, *(f"functions/{group}" for group in FUNCTION_GROUPS), CONSOLE]


def _dependencies(target: Path, arch: str, report: Callable[[str], None]) -> str:
    """Build the layer of third-party packages; it changes only with the requirements, the platform or this file."""
    digest = _digest([REQUIREMENTS, Path(__file__)], arch, platform.platform() if arch == "native" else "")
    if _is_current(target, digest):
        return digest
    report(f"{_shown(target)}: packages for {arch}")
    _clear(target)
    install: list[str | Path] = [
        UV,
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "-r",
        REQUIREMENTS,
        "--target",
        target / "python",
    ]
    install += ["--python", sys.executable, "--python-version", PYTHON_VERSION, "--link-mode", "copy"]
    if arch != "native":
        install += ["--python-platform", UV_PLATFORMS[arch], "--only-binary", ":all:"]
    subprocess.run(install, check=True, env=uv_environment())  # noqa: S603 - nothing in it comes from outside
    _prune(target / "python")
    _compile(target, "/opt")
    _stamp(target, digest)
    return digest


def _code(target: Path, inside: Path, source: Path, mount: str, report: Callable[[str], None]) -> str:
    """Build one asset of our own code, under the same import path as everywhere."""
    files = _sources(source)
    package = [ROOT / "functions" / "__init__.py"] if source.parent.name == "functions" else []
    digest = _digest([*files, *package, Path(__file__)], mount)
    if _is_current(target, digest):
        return digest
    report(_shown(target))
    _clear(target)
    for file in files:
        copy = target / inside / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)  # with its mode: run.sh must stay executable
    for file in package:
        shutil.copyfile(file, target / file.relative_to(ROOT))
    _compile(target, mount)
    _stamp(target, digest)
    return digest


def _console(target: Path, described: str, report: Callable[[str], None]) -> str:
    """Build the console and the asset of its function, which holds the built files beside its code.

    Among them is the document of the API, as the functions of the digests `described` declare themselves.
    """
    built, source = build_console(), ROOT / CONSOLE
    digest = _digest([*_sources(source), *_sources(REFERENCE), Path(__file__)], built + described)
    if _is_current(target, digest):
        return digest
    _code(target, Path(CONSOLE), source, "/var/task", report)
    shutil.copytree(BUILT, target / CONSOLE / "built")
    # Apart: what deploys imports none of what is deployed.
    write: list[str | Path] = [sys.executable, "-m", "local.reference", target / CONSOLE / "built"]
    paths = os.pathsep.join((str(ROOT), str(ROOT / "shared")))
    subprocess.run(write, cwd=ROOT, env={**os.environ, "PYTHONPATH": paths}, check=True)  # noqa: S603 - our own
    _stamp(target, digest)
    return digest


def _shown(target: Path) -> str:
    return target.relative_to(ROOT).as_posix() if target.is_relative_to(ROOT) else str(target)


def _sources(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def _prune(packages: Path) -> None:
    for pattern in UNNEEDED:
        for path in list(packages.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for library in ("boto3", "botocore"):
        for service in (packages / library / "data").iterdir():
            if service.is_dir() and service.name not in AWS_SERVICES:
                shutil.rmtree(service)


def _compile(target: Path, mount: str) -> None:
    """Compile to unchecked bytecode: the deployed zip loses file times, and checked bytecode would be made again."""
    # Tracebacks name the path that the code runs under; and equal sources give equal assets, wherever they are built.
    paths: list[str | Path] = ["-s", target, "-p", mount]
    command = [sys.executable, "-m", "compileall", "-q", "-f", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, *paths, target], check=True)  # noqa: S603 - our own interpreter


def _digest(files: Iterable[Path], *more: str) -> str:
    digest = hashlib.sha256(f"{sys.version}\0{'|'.join(more)}".encode())
    for file in files:
        digest.update(f"\0{file.relative_to(ROOT)}\0{file.stat().st_mode}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _stamp_of(target: Path) -> Path:
    """Beside the assets, not in them: it must not be uploaded."""
    return target.parent / ".stamps" / target.name


def _is_current(target: Path, digest: str) -> bool:
    stamp = _stamp_of(target)
    return target.is_dir() and stamp.exists() and stamp.read_text() == digest


def _clear(target: Path) -> None:
    _stamp_of(target).unlink(missing_ok=True)  # a build that is cut short is not current
    shutil.rmtree(target, ignore_errors=True)


def _stamp(target: Path, digest: str) -> None:
    stamp = _stamp_of(target)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)


def main() -> None:
    """Build for the architecture named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arch", choices=[*UV_PLATFORMS, "native"], default="arm64")
    build(parser.parse_args().arch)


if __name__ == "__main__":
    main()
