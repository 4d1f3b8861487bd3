"""Pictures and files reach Anthropic as it wants them, or it is said why they cannot."""

from base64 import b64encode
from typing import Any

import pytest

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.anthropic.anthropic_world import request

PNG = "iVBORw0KGgo="


def sent(part: dict[str, Any]) -> Any:
    return request(messages=[{"role": "user", "content": [part]}]).body["messages"][0]["content"]


def image(url: Any, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, "detail": "high"}, **more}


def file(**fields: Any) -> dict[str, Any]:
    return {"type": "file", "file": fields}


def test_a_picture_by_its_address() -> None:
    url = "https://upload.example/ant.jpg"

    assert sent(image(url)) == [{"type": "image", "source": {"type": "url", "url": url}}]
    assert sent({"type": "image_url", "image_url": url}) == sent(image(url))


@pytest.mark.parametrize(
    ("uri", "media_type"),
    [
        (f"data:image/png;base64,{PNG}", "image/png"),
        (f"data:image/jpg;base64,{PNG}", "image/jpeg"),
        (f"DATA:Image/WebP;name=a.webp;Base64,{PNG}", "image/webp"),
    ],
)
def test_a_picture_by_its_bytes(uri: str, media_type: str) -> None:
    assert sent(image(uri)) == [{"type": "image", "source": {"type": "base64", "media_type": media_type, "data": PNG}}]


def test_a_marked_picture_stays_marked() -> None:
    marked = image("https://a.example/a.png", cache_control={"type": "ephemeral"})

    assert sent(marked)[0]["cache_control"] == {"type": "ephemeral"}


@pytest.mark.parametrize("data", ["data:application/pdf;base64,JVBERi0=", "JVBERi0="])
def test_a_pdf_is_a_document_with_its_name(data: str) -> None:
    assert sent(file(file_data=data, filename="a.pdf")) == [
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
            "title": "a.pdf",
        }
    ]


@pytest.mark.parametrize("field", ["file_data", "file_url"])
def test_a_document_by_its_address(field: str) -> None:
    url = "https://a.example/a.pdf"

    assert sent(file(**{field: url})) == [{"type": "document", "source": {"type": "url", "url": url}}]


def test_a_pdf_among_the_pictures_is_a_document() -> None:
    assert sent(image("data:application/pdf;base64,JVBERi0="))[0]["type"] == "document"


@pytest.mark.parametrize(
    "uri",
    [
        f"data:text/csv;base64,{b64encode('a,ß'.encode()).decode()}",
        "data:text/csv;charset=utf-8,a%2C%C3%9F",
    ],
)
def test_a_text_file_is_read_as_text(uri: str) -> None:
    assert sent(file(file_data=uri)) == [
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a,ß"}}
    ]


def test_a_file_that_was_uploaded_before_needs_its_beta() -> None:
    asked = request(messages=[{"role": "user", "content": [file(file_id="file_011C")]}])

    assert asked.body["messages"][0]["content"] == [
        {"type": "document", "source": {"type": "file", "file_id": "file_011C"}}
    ]
    assert asked.headers["anthropic-beta"] == "files-api-2025-04-14"


def test_a_file_in_a_result_needs_its_beta_too() -> None:
    result = {"role": "tool", "tool_call_id": "a", "content": [file(file_id="file_011C")]}
    asked = request(messages=[{"role": "user", "content": "?"}, result])

    assert asked.headers["anthropic-beta"] == "files-api-2025-04-14"


@pytest.mark.parametrize(
    "part",
    [
        {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
        {"type": "video_url", "video_url": {"url": "https://a.example/a.mp4"}},
        image("data:image/tiff;base64,AAAA"),
        file(file_data="data:application/zip;base64,AAAA"),
    ],
)
def test_what_no_model_takes_may_go_to_another_provider(part: dict[str, Any]) -> None:
    with pytest.raises(ProviderFailure) as caught:
        sent(part)

    assert caught.value.kind is FailureKind.UNSUPPORTED
    assert caught.value.param is not None
    assert caught.value.param.startswith("messages.0.content.0")


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (image("ftp://a.example/a.png"), "image_url.url"),
        (image(None), "image_url.url"),
        (image("data:image/png,%89PNG"), "image_url.url"),
        (image("data:image/png;base64"), "image_url.url"),
        (file(), "file.file_url"),
        (file(file_data="data:text/plain;base64,#"), "file.file_data"),
        (file(file_data="data:text/plain;base64,/w=="), "file.file_data"),
        (file(file_data="data:text/plain,%FF"), "file.file_data"),
        ({"type": "file"}, "file"),
    ],
)
def test_what_is_wrong_with_a_part_is_named(part: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        sent(part)

    assert caught.value.field == f"messages.0.content.0.{field}"
