"""`make audit`: what is deployed is under licences that are allowed, named in bills, and the same when built again."""

import json
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from infra.build_assets import REQUIREMENTS
from local.audit.__main__ import digest_of
from local.audit.bills import asset, bill
from local.audit.licences import is_allowed
from local.audit.packages import AuditedPackage, packages_in
from local.workspace import PYTHON

SITE_PACKAGES = PYTHON.parents[1] / "lib" / "python3.13" / "site-packages"
APACHE = "                                 Apache License\n                           Version 2.0, January 2004\n"


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "MIT OR GPL-3.0-only",
        "(Apache-2.0 OR MIT) AND BSD-3-Clause",
        "Apache-2.0 WITH LLVM-exception",
        "Apache-2.0  OR  MIT",
    ],
)
def test_a_permissive_licence_or_the_choice_of_one_is_allowed(expression: str) -> None:
    assert is_allowed(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "GPL-3.0-only",
        "MIT AND AGPL-3.0-only",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "Free, really",
        "MIT AND",
    ],
)
def test_a_copyleft_licence_an_unknown_one_and_none_are_not(expression: str) -> None:
    assert not is_allowed(expression)


def installed(folder: Path, *lines: str, text: str = "", bill_of_parts: Any = None) -> AuditedPackage:
    """One package, installed in a folder with these lines of metadata."""
    info = folder / "a_package-1.0.dist-info"
    (info / "licenses").mkdir(parents=True)
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", "Name: A_Package", "Version: 1.0", *lines, ""]))
    (info / "licenses" / "LICENSE").write_text(text)
    if bill_of_parts is not None:
        (info / "sboms").mkdir()
        (info / "sboms" / "parts.json").write_text(json.dumps(bill_of_parts))
    (package,) = packages_in(folder)
    return package


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: MIT OR Apache-2.0", "License: whatever"], "MIT OR Apache-2.0"),
        (["Classifier: License :: OSI Approved :: MIT License"], "MIT"),
        (["Classifier: License :: Proprietary", "License: MIT License"], "MIT"),
        (["License: A licence of my own"], "A licence of my own"),
        (["License-File: LICENSE"], "Apache-2.0"),
        ([], ""),
    ],
    ids=["an expression", "a classifier", "a classifier that is none", "a text", "a file", "nothing"],
)
def test_a_licence_is_read_where_a_package_says_it(tmp_path: Path, lines: list[str], licence: str) -> None:
    assert installed(tmp_path, *lines, text=APACHE).licence == licence


def test_what_is_compiled_into_a_wheel_is_read_from_its_own_bill(tmp_path: Path) -> None:
    crates = [
        {
            "name": "adler2",
            "version": "2.0",
            "purl": "pkg:cargo/adler2@2.0",
            "licenses": [{"expression": "0BSD OR MIT"}],
        },
        {"name": "two", "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "GPL-3.0-only"}}]},
        {"name": "openssl", "version": "4.0"},
        {"name": "silent"},
    ]
    package = installed(tmp_path, "License-Expression: MIT", bill_of_parts={"components": crates})
    said = {part.name: part.licence for part in package.parts}
    assert said == {"adler2": "0BSD OR MIT", "two": "(MIT) AND (GPL-3.0-only)", "openssl": "Apache-2.0", "silent": ""}


def test_every_package_that_is_deployed_and_what_is_compiled_into_it_is_under_an_allowed_licence() -> None:
    deployed = set(re.findall(r"^([A-Za-z0-9._-]+)==", REQUIREMENTS.read_text(), re.MULTILINE))
    found = {each.name: each for each in packages_in(SITE_PACKAGES) if each.name in deployed}
    assert len(found) >= len(deployed) - 3  # some are for other platforms
    named = [part for package in found.values() for part in (package, *package.parts)]
    assert [f"{each.name}: {each.licence}" for each in named if not is_allowed(each.licence)] == []


PACKAGES = [
    AuditedPackage(
        "a-package",
        "1.0",
        "MIT OR Apache-2.0",
        "License-Expression",
        "pkg:pypi/a-package@1.0",
        (AuditedPackage("a-crate", "2.0", "Zlib", "parts.json", "pkg:cargo/a-crate@2.0"),) * 2,
    ),
    AuditedPackage("another", "1.0", "", "nowhere", "pkg:pypi/another@1.0"),
]


def test_a_bill_is_of_cyclonedx_and_the_same_each_time() -> None:
    digest = "ab" * 32
    said = bill(asset("functions/chat", digest), PACKAGES, [asset("layer-code", digest)])
    assert said == bill(asset("functions/chat", digest), PACKAGES, [asset("layer-code", digest)])
    schemas = files("cyclonedx.schema._res")
    schema = json.loads((schemas / "bom-1.6.SNAPSHOT.schema.json").read_text())
    others = ("spdx", "jsf-0.82", "cryptography-defs")
    beside = [
        (f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", json.loads(file.read_text()))
        for name in others
        if (file := schemas / f"{name}.SNAPSHOT.schema.json").is_file()
    ]
    registry = jsonschema_rs.Registry(beside)
    jsonschema_rs.validator_for(schema, registry=registry).validate(json.loads(said))
    content = json.loads(said)
    assert content["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]
    assert {each["name"] for each in content["components"]} == {"a-package", "another", "atom-llm/layer-code"}


def test_a_digest_notices_bytes_names_and_modes_and_no_times(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("1")
    os.chmod(file, 0o644)
    before = digest_of(tmp_path)
    os.utime(file, (1, 1))
    assert digest_of(tmp_path) == before
    os.chmod(file, 0o700)
    with_mode = digest_of(tmp_path)
    file.write_text("2")
    assert len({before, with_mode, digest_of(tmp_path)}) == 3
