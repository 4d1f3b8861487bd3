"""The address of a service of AWS: by the environment as a Lambda has it, else as botocore reads it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

# The regions of the partitions aws and aws-us-gov (botocore's partitions.json), whose hosts end alike.
_USUAL_REGION: Final = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-(gov-)?[a-z]+-\d+")

# What a file says, or what changes a service's host in other ways than by its region: botocore has the rules.
_ELSEWHERE: Final = (
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a service, which ends with a slash, and the region in which requests to it are signed."""

    url: str
    region: str

    @property
    def host(self) -> str:
        """Return the host as it is sent and signed: with a port that is not the scheme's own."""
        parts = urlsplit(self.url)
        return parts.netloc.removesuffix({"https": ":443", "http": ":80"}[parts.scheme])

    @property
    def path(self) -> str:
        """Return the path as it is asked for and signed."""
        return urlsplit(self.url).path


def endpoint_of(service: str, environment: Mapping[str, str]) -> Endpoint:
    """Return the endpoint of `dynamodb` or `secretsmanager` that a client of botocore's would take.

    Where the environment says all of it, botocore is not asked: to import it and to make a client takes longer than
    everything else that a cold start does.
    """
    region = environment.get("AWS_DEFAULT_REGION", "")
    has_file = Path(environment.get("AWS_CONFIG_FILE", "~/.aws/config")).expanduser().is_file()
    if has_file or any(environment.get(name) for name in _ELSEWHERE) or not _USUAL_REGION.fullmatch(region):
        return _as_botocore_reads_it(service)
    own = {"dynamodb": "DYNAMODB", "secretsmanager": "SECRETS_MANAGER"}[service]
    given = environment.get(f"AWS_ENDPOINT_URL_{own}") or environment.get("AWS_ENDPOINT_URL")
    return Endpoint(_with_slash(given or f"https://{service}.{region}.amazonaws.com"), region)


def _as_botocore_reads_it(service: str) -> Endpoint:
    from botocore.session import get_session

    # Keys that are none: which endpoint it is hangs on nobody's keys, and nobody is asked for any.
    client = get_session().create_client(service, aws_access_key_id="none", aws_secret_access_key="none")  # noqa: S106
    return Endpoint(_with_slash(client.meta.endpoint_url), client.meta.region_name)


def _with_slash(url: str) -> str:
    return f"{url.rstrip('/')}/"
