"""Forms with a file, read into the fields that a request in JSON would have."""

from typing import Any, Final

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import UploadedFile

MAX_FIELDS: Final = 50
MAX_FIELD_BYTES: Final = 64 * 1024  # of a field that is no file
MAX_FILE_NAME: Final = 255  # characters
FORM: Final = "multipart/form-data"


async def form_of(request: Request) -> tuple[dict[str, Any], UploadedFile | None]:
    """Return the fields of a form, and the file in its field `file`; a name with `[]` behind it is a list.

    Raises `HTTPException` for another media type (415) and for what is no form (400), and `InvalidRequest` for text
    that is not UTF-8 or that no header and no log can carry.
    """
    if not request.headers.get("content-type", "").lower().startswith(FORM):
        raise HTTPException(415, f"send the body as {FORM}")
    await request.body()  # it is kept so, for whoever tells a repeat by it
    form = request.form(max_files=1, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    try:
        async with form as found:
            return await _read(found)
    except (MultiPartException, HTTPException, UnicodeDecodeError):
        raise HTTPException(400, f"the body is no {FORM} that can be read") from None


async def _read(form: FormData) -> tuple[dict[str, Any], UploadedFile | None]:
    fields: dict[str, Any] = {}
    file: UploadedFile | None = None
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if name != "file":
                raise InvalidRequest(name[:64], "is a file, and only `file` may be one")
            kind = (value.content_type or "application/octet-stream")[:MAX_FILE_NAME]
            shown = (value.filename or "audio")[:MAX_FILE_NAME]
            if not (kind.isascii() and kind.isprintable() and shown.isprintable()):
                raise InvalidRequest("file", "has a name or a type that cannot be shown")
            file = UploadedFile(shown, kind, await value.read())
        elif "\0" in value or "\ufffd" in value:
            raise InvalidRequest(name[:64], "is not UTF-8")
        elif name.endswith("[]"):
            fields.setdefault(name, []).append(value)
        elif name in fields:
            raise InvalidRequest(name[:64], "is given twice")
        else:
            fields[name] = value
    return fields, file
