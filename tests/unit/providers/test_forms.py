"""Forms with a file, read again by the parser that our own door uses."""

from python_multipart import parse_form

from atom_llm.adapters.providers.forms import form
from atom_llm.domain.providers.exchange import UploadedFile


def test_a_form_is_read_as_it_was_written() -> None:
    content = b"\r\n--\0\xff" * 100
    kind, body = form(
        {"model": "m", "n": 2, "on": True, "of[]": ["a", "b"]}, UploadedFile("a.mp3", "audio/mpeg", content)
    )
    fields: list[tuple[bytes | None, bytes | None]] = []
    files: list[tuple[bytes | None, bytes]] = []

    def on_file(file: object) -> None:
        stored = file.file_object  # type: ignore[attr-defined]
        stored.seek(0)
        files.append((file.file_name, stored.read()))  # type: ignore[attr-defined]

    class Body:
        """The body as it is read."""

        def __init__(self) -> None:
            self.left = body

        def read(self, size: int) -> bytes:
            piece, self.left = self.left[:size], self.left[size:]
            return piece

    headers = {"Content-Type": kind.encode(), "Content-Length": str(len(body)).encode()}
    parse_form(headers, Body(), lambda field: fields.append((field.field_name, field.value)), on_file)
    assert fields == [(b"model", b"m"), (b"n", b"2"), (b"on", b"true"), (b"of[]", b"a"), (b"of[]", b"b")]
    assert files == [(b"a.mp3", content)]


def test_a_name_cannot_end_its_line_or_its_quotes() -> None:
    _, body = form({'a"\r\nx-forged: 1': "v"}, UploadedFile('b"\r\n.mp3', "audio/mpeg", b"x"))
    assert b'name="a%22%0D%0Ax-forged: 1"' in body
    assert b'filename="b%22%0D%0A.mp3"' in body
