"""The authorities by which a server proves its name."""

import ssl
from collections.abc import Mapping
from functools import lru_cache


def trust_of(environ: Mapping[str, str], beside: str | None = None) -> ssl.SSLContext:
    """Return the context of a client's TLS: SSL_CERT_FILE or SSL_CERT_DIR where they are set, else certifi's list, as
    httpx has it; and what the file `beside` holds. HTTP/1.1 is all that it speaks.
    """
    return _trust(environ.get("SSL_CERT_FILE") or None, environ.get("SSL_CERT_DIR") or None, beside)


@lru_cache(maxsize=4)  # a list of authorities takes ten milliseconds to read
def _trust(file: str | None, folder: str | None, beside: str | None) -> ssl.SSLContext:
    if file is None and folder is None:
        import certifi

        file = certifi.where()
    context = ssl.create_default_context(cafile=file, capath=folder)
    if beside is not None:
        context.load_verify_locations(beside)
    context.set_alpn_protocols(["http/1.1"])
    return context
