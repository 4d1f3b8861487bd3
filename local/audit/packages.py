"""The packages of the dependency layer as they were built, with what they say of their licences."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, Final

# Words of older metadata, and of classifiers, in SPDX's.
_SPDX_OF: Final[Mapping[str, str]] = {
    "MIT License": "MIT",
    "Apache License 2.0": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: MIT No Attribution License (MIT-0)": "MIT-0",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}
# The words with which a licence's own text begins, where nothing else names it.
_TEXTS: Final[Mapping[str, str]] = {
    r"\s*Apache License\s+Version 2\.0, January 2004": "Apache-2.0",
    r"\s*(The )?MIT License": "MIT",
}
# What a bill leaves open, and its makers say elsewhere: OpenSSL is under Apache-2.0 since its version 3.
_STATED: Final[Mapping[str, str]] = {"openssl": "Apache-2.0"}


@dataclass(frozen=True, slots=True)
class AuditedPackage:
    """A package, or a part that is compiled into one. `licence` is an SPDX expression, empty where none was found.

    `source` is where the licence is said; `purl` names the package for other tools.
    """

    name: str
    version: str
    licence: str
    source: str
    purl: str
    parts: tuple["AuditedPackage", ...] = ()


def packages_in(folder: Path) -> list[AuditedPackage]:
    """Return the packages that are installed in a folder, by name."""
    found = (_package(each) for each in distributions(path=[str(folder)]))
    return sorted(found, key=lambda each: each.name)


def _package(distribution: Distribution) -> AuditedPackage:
    name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
    licence, source = next(_licences(distribution), ("", "nowhere"))
    parts = tuple(_parts(distribution))
    return AuditedPackage(name, distribution.version, licence, source, f"pkg:pypi/{name}@{distribution.version}", parts)


def _licences(distribution: Distribution) -> Iterator[tuple[str, str]]:
    """Iterate over what a package says of its licence, the plainest first."""
    metadata = distribution.metadata
    if expression := metadata.get("License-Expression"):
        yield expression, "License-Expression"
    classifiers = [each for each in metadata.get_all("Classifier") or () if each.startswith("License ::")]
    known = [_SPDX_OF[each] for each in classifiers if each in _SPDX_OF]
    if known and len(known) == len(classifiers):
        yield " OR ".join(known), "classifiers"
    if said := metadata.get("License", "").strip():
        yield _SPDX_OF.get(said, said), "License"
    for file in metadata.get_all("License-File") or ():
        for place in (f"licenses/{file}", file):
            text = distribution.read_text(place) or ""
            for beginning, licence in _TEXTS.items():
                if re.match(beginning, text):
                    yield licence, f"the text of its file {file}"


def _parts(distribution: Distribution) -> Iterator[AuditedPackage]:
    """Iterate over what a wheel's own bill of materials says is compiled into it: crates, C libraries."""
    path: Path = distribution._path  # type: ignore[attr-defined]  # its files are not listed: RECORD is not deployed
    for bill in sorted((path / "sboms").glob("*.json")):
        for component in json.loads(bill.read_text()).get("components", ()):
            purl = component.get("purl", f"pkg:generic/{component['name']}@{component.get('version', '')}")
            licence, source = _expression(component), bill.name
            if not licence and component["name"] in _STATED:
                licence, source = _STATED[component["name"]], "its makers' word"
            yield AuditedPackage(component["name"], component.get("version", ""), licence, source, purl)


def _expression(component: Mapping[str, Any]) -> str:
    """Return the SPDX expression of a component of CycloneDX; all of several hold."""
    said = []
    for each in component.get("licenses", ()):
        licence = each.get("license", {})
        said.append(each.get("expression") or licence.get("id") or licence.get("name") or "")
    return " AND ".join(f"({each})" if len(said) > 1 else each for each in said)
