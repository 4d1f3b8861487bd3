"""Texts in headers, which HTTP hands on as Latin-1 (RFC 9110, 5.5) and clients write as UTF-8."""


def header_text(value: str) -> str:
    """Return the text of a header by its bytes: UTF-8 where they are that, else as it was handed on."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
