"""Bills of materials in CycloneDX: one a layer and one a function, which depends on the layers."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from atom_llm import __version__
from local.audit.packages import AuditedPackage

NAME: Final = "atom-llm"
LICENCE: Final = "Apache-2.0"

_licences: Final = LicenseFactory()


def asset(name: str, digest: str, *, is_ours: bool = True) -> Component:
    """Return a layer or a function as a component, with the digest of its content, under our licence if it is ours."""
    return Component(
        name=f"{NAME}/{name}",
        version=__version__,
        type=ComponentType.APPLICATION,
        bom_ref=f"{NAME}/{name}",
        licenses=[_licences.make_from_string(LICENCE)] if is_ours else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
    )


def bill(subject: Component, packages: Iterable[AuditedPackage], layers: Iterable[Component] = ()) -> str:
    """Return the bill of an asset as JSON, the same for the same content: it has no time, and a number of its own."""
    made = Bom(serial_number=uuid5(NAMESPACE_URL, "/".join(str(each.content) for each in subject.hashes)))
    made.metadata.component = subject
    listed = [_component(each) for each in packages]
    for component in (*listed, *layers):
        made.components.add(component)
    made.register_dependency(subject, [*listed, *layers])
    made.metadata.timestamp = None  # type: ignore[assignment]  # the library's own default is the time of the run
    return JsonV1Dot6(made).output_as_string(indent=2)


def write(folder: Path, name: str, content: str) -> Path:
    """Write a bill and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name.replace('/', '-')}.cdx.json"
    file.write_text(content)
    return file


def _component(package: AuditedPackage, owner: str = "") -> Component:
    reference = f"{owner}{package.purl}"
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=reference,
        purl=PackageURL.from_string(package.purl),
        licenses=[_licences.make_from_string(package.licence)] if package.licence else [],
        components=[_component(part, f"{reference} > ") for part in _once(package.parts)],
    )


def _once(parts: Iterable[AuditedPackage]) -> list[AuditedPackage]:
    """Return each part once: two bills of a wheel may name the same."""
    return list({part.purl: part for part in parts}.values())
