"""The console's files: what is answered at each path, with which headers, on AWS and at the front door."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from functions.console.files import HEADERS, ConsoleFiles
from local.console.app import ConsoleApp

PAGE = b"<!doctype html><title>console</title>"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built console of two files."""
    folder = tmp_path / "functions" / "console" / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_bytes(PAGE)
    (folder / "assets" / "index-0123.js").write_text("export {}")
    return folder


def test_every_answer_carries_the_policy_also_the_ones_that_refuse(built: Path) -> None:
    files = ConsoleFiles(built)
    answers = [
        files.answer("GET", "/console/", {}),
        files.answer("GET", "/console", {}),
        files.answer("GET", "/console/assets/index-0123.js", {}),
        files.answer("GET", "/console/no-such-file", {}),
        files.answer("POST", "/console/", {}),
    ]
    assert [each.status for each in answers] == [200, 308, 200, 404, 405]
    for each in answers:
        assert HEADERS.items() <= each.headers.items()


def test_the_policy_allows_nothing_inline_and_no_other_host() -> None:
    policy = HEADERS["content-security-policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")


def test_a_path_out_of_the_folder_is_no_file(built: Path) -> None:
    (built.parent / "main.py").write_text("secret")
    for path in ("/console/../main.py", "/console/assets/../../main.py", "/console//etc/passwd"):
        assert ConsoleFiles(built).answer("GET", path, {}).status == 404


def test_hashed_files_are_kept_for_good_and_the_first_page_is_asked_for_again(built: Path) -> None:
    files = ConsoleFiles(built)
    page = files.answer("GET", "/console/", {})
    assert "immutable" in files.answer("GET", "/console/assets/index-0123.js", {}).headers["cache-control"]
    assert page.headers["cache-control"] == "no-cache"
    again = files.answer("GET", "/console/", {"if-none-match": page.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


def test_without_its_slash_it_leads_to_the_first_page_behind_whatever_stands_in_front(built: Path) -> None:
    answer = ConsoleFiles(built).answer("GET", "/console", {}, base="/live")
    assert (answer.status, answer.headers["location"]) == (308, "/live/console/index.html")


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_the_reference_has_an_address_of_its_own(built: Path, path: str) -> None:
    answer = ConsoleFiles(built).answer("GET", path, {}, base="/live")
    assert (answer.status, answer.headers["location"]) == (308, "/live/console/reference.html")


def test_the_reference_may_show_images_of_its_style_sheet_and_nothing_of_another_host(built: Path) -> None:
    (built / "reference.html").write_bytes(PAGE)
    policy = ConsoleFiles(built).answer("GET", "/console/reference.html", {}).headers["content-security-policy"]
    assert "img-src 'self' data:" in policy
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/openapi.json", "/llm/openapi.json"])
def test_the_function_answers_the_document_of_the_api(built: Path, path: str) -> None:
    (built / "openapi.json").write_text('{"openapi": "3.1.0"}')
    event = {"httpMethod": "GET", "path": path, "requestContext": {"path": f"/live{path}"}}
    answer = said_by_the_function(built, event)
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "application/json")
    assert json.loads(answer["body"]) == {"openapi": "3.1.0"}


def test_a_folder_without_a_first_page_is_no_console(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"index\.html"):
        ConsoleFiles(tmp_path)


@pytest.mark.anyio
async def test_the_front_door_answers_compressed_where_that_is_taken(built: Path) -> None:
    transport = httpx.ASGITransport(ConsoleApp(ConsoleFiles(built)))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        answer = await client.get("/console/", headers={"accept-encoding": "gzip"})
        plain = await client.get("/console/", headers={"accept-encoding": "identity"})
        head = await client.head("/console/")
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(gzip.compress(PAGE))
    assert answer.content == plain.content == PAGE
    assert "content-encoding" not in plain.headers
    assert head.content == b""


def said_by_the_function(built: Path, event: dict[str, Any]) -> dict[str, Any]:
    """The answer of the handler in a process of its own, which has nothing but the function's folder."""
    folder = built.parent
    for name in ("main.py", "files.py", "__init__.py"):
        (folder / name).write_text((ROOT / "functions" / "console" / name).read_text())
    (folder.parent / "__init__.py").write_text("")
    code = "import json, sys; from functions.console.main import handler; " + (
        "json.dump(handler(json.load(sys.stdin), None), sys.stdout)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],  # -S: without any installed package, as Lambda has it without layers
        cwd=folder.parents[1],
        input=json.dumps(event),
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(folder.parents[1])},
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize(("base", "whole"), [("/live", "/live/console/"), ("/llm", "/llm/console/")])
def test_the_function_answers_behind_a_stage_and_behind_a_base_path(built: Path, base: str, whole: str) -> None:
    event = {"httpMethod": "GET", "path": "/console/", "requestContext": {"path": whole}, "headers": {"Accept": "*/*"}}
    page = said_by_the_function(built, event)
    assert (page["statusCode"], page["body"]) == (200, PAGE.decode())
    assert page["headers"]["content-type"] == "text/html; charset=utf-8"
    bare = {**event, "path": "/console", "requestContext": {"path": f"{base}/console"}}
    assert said_by_the_function(built, bare)["headers"]["location"] == f"{base}/console/index.html"


def test_the_function_sends_texts_whole_for_its_gateway_decodes_nothing(built: Path) -> None:
    event = {"httpMethod": "GET", "path": "/console/", "headers": {"Accept-Encoding": "gzip, br"}}
    page = said_by_the_function(built, event)
    assert "content-encoding" not in page["headers"]
    assert page["body"] == PAGE.decode()


def test_the_page_that_signs_people_in_alone_may_ask_issuers(built: Path) -> None:
    (built / "oidc.html").write_bytes(PAGE)
    files = ConsoleFiles(built)
    deployed = files.answer("GET", "/console/oidc.html", {"host": "console.example.com"}).headers
    assert "connect-src 'self' https:;" in deployed["content-security-policy"]
    assert "unsafe" not in deployed["content-security-policy"]
    here = files.answer("GET", "/console/oidc.html", {"host": "127.0.0.1:8080"}).headers
    assert "connect-src 'self' https: http://127.0.0.1:*;" in here["content-security-policy"]
