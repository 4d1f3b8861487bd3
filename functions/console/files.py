"""The built files of the console and of the API's reference, as paths are answered; of the standard library alone."""

import gzip
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

PREFIX: Final = "/console"
FIRST_PAGE: Final = "index.html"
REFERENCE: Final = "/docs"  # leads to the page that shows the document
DOCUMENT: Final = "/openapi.json"
REFERENCE_PAGE: Final = "reference.html"
LEADS_TO: Final = {PREFIX: FIRST_PAGE, REFERENCE: REFERENCE_PAGE, f"{REFERENCE}/": REFERENCE_PAGE}
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".json": "application/json",
}
# Nothing inline, nothing from elsewhere, nothing that is put together from texts; the page is framed by nobody.
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
# The renderer of the reference makes its page of texts, and its arrows are images in its style sheet.
POLICY_OF_REFERENCE: Final = POLICY.replace("img-src 'self'", "img-src 'self' data:").replace(
    "; require-trusted-types-for 'script'; trusted-types 'none'", ""
)
SIGN_IN_PAGE: Final = "oidc.html"  # which asks issuers: whose, is known by the API alone
POLICY_OF_SIGN_IN: Final = POLICY.replace("connect-src 'self'", "connect-src 'self' https:")
ON_THIS_MACHINE: Final = " http://127.0.0.1:*"  # an issuer beside a front door that is here too
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
FOR_GOOD: Final = "public, max-age=31536000, immutable"  # a file whose name has its hash
EACH_TIME: Final = "no-cache"  # kept, and asked for by its tag before it is shown
HASHED: Final = "assets/"


class Answer(NamedTuple):
    """An answer in HTTP's words."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ConsoleFile(NamedTuple):
    """A file as it is sent, whole or compressed, with its tag."""

    media_type: str
    tag: str
    whole: bytes
    compressed: bytes


class ConsoleFiles:
    """The files below a folder, read once."""

    def __init__(self, folder: Path) -> None:
        """Read every file below the folder; raises `FileNotFoundError` where the first page is missing."""
        self._files = {
            file.relative_to(folder).as_posix(): _read(file) for file in sorted(folder.rglob("*")) if file.is_file()
        }
        if FIRST_PAGE not in self._files:
            raise FileNotFoundError(f"{folder} has no {FIRST_PAGE}")

    def answer(self, method: str, path: str, headers: Mapping[str, str], *, base: str = "") -> Answer:
        """Return the answer to a request for a path that begins with `/console`, or for `/docs` or `/openapi.json`.

        `headers` have names of small letters; `base` is what stands before the path in the browser's address.
        """
        if method not in ("GET", "HEAD"):
            return _problem(405, f"{method[:16]} is not served here", {"allow": "GET, HEAD"})
        page = LEADS_TO.get(path)
        if page is not None:
            # By its name and not by a slash, which a gateway on the way may take off again.
            return Answer(308, {**HEADERS, "location": f"{base}{PREFIX}/{page}", "content-length": "0"}, b"")
        name = path.removeprefix(PREFIX).removeprefix("/") or FIRST_PAGE
        file = self._files.get(name)
        if file is None:
            return _problem(404, "there is no such file of the console")
        sent = {
            **HEADERS,
            "content-type": file.media_type,
            "cache-control": FOR_GOOD if name.startswith(HASHED) else EACH_TIME,
            "etag": file.tag,
            "vary": "accept-encoding",
        }
        if name == REFERENCE_PAGE:
            sent["content-security-policy"] = POLICY_OF_REFERENCE
        if name == SIGN_IN_PAGE:
            sent["content-security-policy"] = _policy_of_sign_in(headers.get("host", ""))
        if headers.get("if-none-match") == file.tag:
            return Answer(304, sent, b"")
        body = file.whole
        if "gzip" in headers.get("accept-encoding", ""):
            body = file.compressed
            sent["content-encoding"] = "gzip"
        sent["content-length"] = str(len(body))
        return Answer(200, sent, b"" if method == "HEAD" else body)


def _policy_of_sign_in(host: str) -> str:
    is_here = host.partition(":")[0] == "127.0.0.1"
    return POLICY_OF_SIGN_IN.replace(" https:", f" https:{ON_THIS_MACHINE}") if is_here else POLICY_OF_SIGN_IN


def _read(file: Path) -> ConsoleFile:
    content = file.read_bytes()
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    return ConsoleFile(TYPES[file.suffix], tag, content, gzip.compress(content, mtime=0))


def _problem(status: int, message: str, more: Mapping[str, str] | None = None) -> Answer:
    body = f"{message}\n".encode()
    headers = {**HEADERS, "content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
    return Answer(status, {**headers, **(more or {}), "content-length": str(len(body))}, body)
