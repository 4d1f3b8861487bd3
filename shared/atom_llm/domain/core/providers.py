"""The providers we call, and the price file's provider names that stand for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

ApiStyle = Literal["openai", "anthropic", "google", "cohere", "bedrock"]
Access = Literal["tenant", "operator", "open", "either"]


RESPONSES: Final = "openai-responses"
"""OpenAI's Responses API, as a dialect that callers and a provider both speak."""


class KeyHeader(NamedTuple):
    """The header that carries a key, and the words before the key: never the address, which ends in logs."""

    name: str
    prefix: str = ""


BEARER: Final = KeyHeader("authorization", "Bearer ")


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that is called; `catalogue_names` are LiteLLM's names for it.

    `probe` is its cheapest authenticated endpoint, relative to the base URL: a list of models, which costs nothing.
    `also_speaks` are dialects beside its own style. `access` says whose key a call shows: the tenant's own, the
    operator's, or none; `either` is a tenant's where it has one, else the operator's. `kin` is the published provider
    whose very API it sells, None for one of its own.
    """

    id: str
    display_name: str
    catalogue_names: tuple[str, ...]
    api_style: ApiStyle
    base_url: str
    key_header: KeyHeader = BEARER
    probe: str = "models"
    also_speaks: tuple[str, ...] = ()
    access: Access = "tenant"
    kin: str | None = None

    def speaks(self, style: str) -> bool:
        """Return whether it takes requests in a dialect."""
        return style == self.api_style or style in self.also_speaks


PROVIDERS: Final[tuple[Provider, ...]] = (
    Provider("openai", "OpenAI", ("openai",), "openai", "https://api.openai.com/v1", also_speaks=(RESPONSES,)),
    Provider(
        "anthropic",
        "Anthropic",
        ("anthropic",),
        "anthropic",
        "https://api.anthropic.com/v1",
        KeyHeader("x-api-key"),
        "models?limit=1",
    ),
    Provider(
        "google",
        "Google AI Studio",
        ("gemini",),
        "google",
        "https://generativelanguage.googleapis.com/v1beta",
        KeyHeader("x-goog-api-key"),
        "models?pageSize=1",
    ),
    Provider("meta", "Meta Llama API", ("meta_llama",), "openai", "https://api.llama.com/compat/v1"),
    Provider("mistral", "Mistral AI", ("mistral",), "openai", "https://api.mistral.ai/v1"),
    # Cohere lists models in its first version alone.
    Provider(
        "cohere",
        "Cohere",
        ("cohere_chat", "cohere"),
        "cohere",
        "https://api.cohere.com/v2",
        probe="../v1/models?page_size=1",
    ),
    Provider("deepseek", "DeepSeek", ("deepseek",), "openai", "https://api.deepseek.com"),
    Provider("minimax", "MiniMax", ("minimax",), "openai", "https://api.minimax.io/v1"),
    Provider(
        "qwen",
        "Alibaba Model Studio",
        ("dashscope",),
        "openai",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    ),
    Provider("zhipu", "Z.ai", ("zai",), "openai", "https://api.z.ai/api/paas/v4"),
    Provider("groq", "Groq", ("groq",), "openai", "https://api.groq.com/openai/v1"),
)

MOST_DECLARED: Final = 20  # providers beside these that an operator may declare

BEDROCK: Final = Provider(
    "bedrock",
    "Amazon Bedrock",
    ("bedrock_converse", "bedrock"),
    "bedrock",
    "https://bedrock-runtime.{region}.amazonaws.com",
    KeyHeader("authorization", "AWS4-HMAC-SHA256 "),
    access="either",
)
"""The twelfth, which is called only where the settings name a region: by a role, without any stored key."""

PROFILES: Final = frozenset({"us", "eu", "apac", "global", "jp", "au", "in", "ca", "us-gov", "sa"})
"""What stands in front of a model's id for an inference profile of Bedrock's that spans regions."""

# The profiles of a region beside `global`, by the longest beginning of its name
# (docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html).
_PROFILES_OF: Final[Mapping[str, frozenset[str]]] = {
    "us-gov-": frozenset({"us-gov"}),
    "us-": frozenset({"us", "global"}),
    "ca-": frozenset({"us", "ca", "global"}),
    "sa-": frozenset({"sa", "global"}),
    "eu-": frozenset({"eu", "global"}),
    "ap-northeast-1": frozenset({"jp", "apac", "global"}),
    "ap-northeast-3": frozenset({"jp", "apac", "global"}),
    "ap-southeast-2": frozenset({"au", "apac", "global"}),
    "ap-southeast-4": frozenset({"au", "apac", "global"}),
    "ap-south-": frozenset({"in", "apac", "global"}),
    "ap-": frozenset({"apac", "global"}),
    "": frozenset({"global"}),
}


def profiles_of(region: str) -> frozenset[str]:
    """Return the inference profiles that can be called in a region."""
    return _PROFILES_OF[max((each for each in _PROFILES_OF if region.startswith(each)), key=len)]


def bedrock_in(region: str, *, is_shared: bool) -> Provider:
    """Return Bedrock in a region; where it is not shared, each tenant brings a role of its own."""
    url = BEDROCK.base_url.format(region=region)
    return replace(BEDROCK, base_url=url, access="either" if is_shared else "tenant")


_called: Final[dict[str, Provider]] = {provider.id: provider for provider in PROVIDERS}

PROVIDER_BY_ID: Final[Mapping[str, Provider]] = MappingProxyType(_called)
"""Every provider that this process calls: the published ones, and those that its settings declare."""


def call_also(declared: Iterable[Provider]) -> None:
    """Add the providers that the settings declare to those that are called, in place of any declared before."""
    for name in _called.keys() - {provider.id for provider in PROVIDERS}:
        del _called[name]
    _called.update((provider.id, provider) for provider in declared)


_ID_OF: Final = {name: provider.id for provider in PROVIDERS for name in provider.catalogue_names}

# LiteLLM's "meta" is Meta's newer model API; our id `meta` is the Llama API. Nobody else gets one of our ids either.
_RENAMED: Final = {provider.id: f"{provider.id}_other" for provider in PROVIDERS} | {"meta": "meta_ai"}

# What clients put in front of a model's name for a provider, beside our ids and the price file's.
ALSO_KNOWN_AS: Final[Mapping[str, str]] = {
    "amazon-bedrock": "bedrock",
    "amazon-nova": "amazon_nova",
    "aws-bedrock": "bedrock",
    "azure-openai": "azure",
    "azure_openai": "azure",
    "fireworks": "fireworks_ai",
    "google-ai-studio": "google",
    "google-gla": "google",
    "google-vertex": "vertex_ai",
    "google_genai": "google",
    "google_vertexai": "vertex_ai",
    "ollama_chat": "ollama",
    "together": "together_ai",
    "togetherai": "together_ai",
    "vertex": "vertex_ai",
    "vertex_ai_beta": "vertex_ai",
    "workers-ai": "cloudflare",
}

INCLUSIVE_THRESHOLDS: Final = frozenset({"xai"})  # data rule 1: xAI's long-context rate starts at the threshold itself

REASONING_ON_TOP: Final = frozenset({"xai", "perplexity"})  # data rule 4: elsewhere it is inside the output tokens


def provider_id(catalogue_name: str) -> str:
    """Return our id for a provider of the price file; a provider that we do not call keeps its published name."""
    return _ID_OF.get(catalogue_name) or _RENAMED.get(catalogue_name, catalogue_name)


def kin_of(provider: str) -> str:
    """Return the published provider whose API a provider sells, itself where it has one of its own."""
    found = PROVIDER_BY_ID.get(provider)
    return provider if found is None or found.kin is None else found.kin


def answers_in_responses(provider: str, mode: str | None) -> bool:
    """Return whether a model of a mode answers in the Responses API alone, at a provider that is called in it."""
    found = PROVIDER_BY_ID.get(provider) if mode == "responses" else None
    return found is not None and found.speaks(RESPONSES)


def has_inclusive_thresholds(provider: str) -> bool:
    """Return whether a provider's length tiers start at their threshold rather than above it."""
    return provider in INCLUSIVE_THRESHOLDS


def reasons_on_top(provider: str) -> bool:
    """Return whether a provider counts reasoning tokens beside its output tokens rather than among them."""
    return provider in REASONING_ON_TOP
