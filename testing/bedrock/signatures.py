"""Whether a request is signed as AWS wants it, by botocore's own signer."""

from collections.abc import Mapping
from re import compile as pattern
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_AUTHORIZATION = pattern(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[\w-]+)/(?P<service>\w+)/aws4_request, "
    r"SignedHeaders=(?P<names>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)


def fault_of(
    url: str, headers: Mapping[str, str], body: bytes, region: str, secrets: Mapping[str, str]
) -> tuple[str, str] | None:
    """Return AWS's type and sentence for what is wrong with a signature; None where it is right."""
    found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if found is None:
        return "MissingAuthenticationTokenException", "Missing Authentication Token"
    if (found["service"], found["region"]) != ("bedrock", region):
        return "InvalidSignatureException", "Credential should be scoped to correct service: 'bedrock'."
    secret = secrets.get(found["key"])
    if secret is None:
        return "UnrecognizedClientException", "The security token included in the request is invalid."
    names = found["names"].split(";")
    if "host" not in names or "x-amz-date" not in names:
        return "IncompleteSignatureException", "host and x-amz-date must be signed"
    if "x-amz-security-token" in headers and "x-amz-security-token" not in names:
        return "InvalidSignatureException", "the session's token must be signed"
    request = AWSRequest("POST", url, {name: headers.get(name, "") for name in names}, body)
    request.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(Credentials(found["key"], secret), "bedrock", region)
    request.headers.replace_header("host", urlsplit(url).netloc)
    canonical = auth.canonical_request(request)
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    if signature != found["signature"]:
        sentence = "The request signature we calculated does not match the signature you provided."
        return "InvalidSignatureException", sentence
    return None
