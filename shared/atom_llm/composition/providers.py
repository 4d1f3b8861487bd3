"""The gateway to providers, by the settings: the published ones, those that an operator declares, and Bedrock."""

from collections.abc import Mapping
from os import environ

from atom_llm.adapters.providers.gateway import HttpGateway
from atom_llm.adapters.providers.http import Connections
from atom_llm.adapters.providers.other_addresses import OtherAddresses
from atom_llm.adapters.providers.signer import RequestSigner
from atom_llm.adapters.providers.table import DIALECTS, NATIVE_DIALECTS, declared
from atom_llm.domain.core.providers import BEDROCK
from atom_llm.ports.core import Clock
from atom_llm.settings import Settings


def other_addresses(settings: Settings) -> OtherAddresses:
    """Return the addresses that no published table has, to be judged before they are called."""
    theirs = {each.provider.id: each.provider.base_url for each in settings.declared_providers}
    private = [each.provider.id for each in settings.declared_providers if each.is_private]
    return OtherAddresses({**settings.provider_base_urls, **theirs}, private=private)


def http_gateway(settings: Settings, addresses: OtherAddresses, clock: Clock) -> HttpGateway:
    """Return the gateway, which has sent nothing yet."""
    dialects = {**DIALECTS, **{each.provider.id: declared(each) for each in settings.declared_providers}}
    connections = Connections(settings.call_limits.connect_s, settings.network)
    return HttpGateway(dialects, addresses, connections, clock, NATIVE_DIALECTS, _signers(settings, clock))


def _signers(settings: Settings, clock: Clock) -> Mapping[str, RequestSigner]:
    found: dict[str, RequestSigner] = {}
    if settings.bedrock_region is not None:
        from atom_llm.adapters.aws.credentials import credential_source
        from atom_llm.adapters.providers.bedrock.signing import BedrockSigner, assume_by_sts

        own = credential_source(environ)
        found[BEDROCK.id] = BedrockSigner(settings.bedrock_region, own, assume_by_sts, clock)
    of_google = [each for each in settings.declared_providers if each.api == "vertex"]
    if of_google:
        from atom_llm.adapters.providers.gemini.access_tokens import ServiceAccounts

        found |= {each.provider.id: ServiceAccounts(clock, on_this_machine=each.is_private) for each in of_google}
    return found
