"""The parts of a name that decide which row it means: price list, region or size, maker, and the model's own words."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.spelling import HOST_PREFIX, same_words

# Orgs as paths spell them (`meta-llama/…`, `z-ai/…`), by the provider that is the maker; others are their own.
_MAKERS: Final[Mapping[str, tuple[str, ...]]] = {
    "ai21": ("ai21labs",),
    "amazon_nova": ("amazon",),
    "anthropic": (),
    "black_forest_labs": ("black-forest-labs",),
    "cohere": ("coherelabs", "cohereforai"),
    "deepseek": ("deepseek-ai",),
    "google": (),
    "meta": ("meta-llama", "meta-models"),
    "minimax": ("minimaxai",),
    "mistral": ("mistralai",),
    "moonshot": ("moonshotai",),
    "openai": (),
    "perplexity": (),
    "qwen": ("alibaba",),
    "stability": ("stabilityai",),
    "tencent": (),
    "voyage": ("voyageai",),
    "xai": ("x-ai", "xai-org"),
    "xiaomi_mimo": ("xiaomi", "xiaomimimo"),
    "zhipu": ("z-ai", "zai", "zai-org", "thudm", "zhipuai"),
    "allenai": (),
    "arcee-ai": (),
    "baai": (),
    "baidu": (),
    "bytedance": ("bytedance-seed",),
    "ibm": ("ibm-granite",),
    "microsoft": (),
    "nousresearch": (),
    "nvidia": (),
    "stepfun": ("stepfun-ai",),
    "writer": (),
}
MAKER_OF: Final[Mapping[str, str]] = {word: maker for maker, more in _MAKERS.items() for word in (maker, *more)}

# What a provider's own prefix covers where the price file has a provider for each of its APIs.
_FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "bedrock": ("bedrock", "bedrock_converse"),
    "azure": ("azure", "azure_text"),
}
BEDROCK: Final = _FAMILIES["bedrock"]
# Words of a path that say how a provider is spoken to, and no more: LiteLLM's routes.
_ROUTES: Final[Mapping[str, frozenset[str]]] = {
    "bedrock": frozenset({"converse", "invoke", "converse_like"}),
    "openai": frozenset({"responses", "chat"}),
    "azure": frozenset({"responses"}),
}
# Paths that a provider puts before every name of its own.
_OWN_PATHS: Final[Mapping[str, str]] = {"fireworks_ai": "accounts/fireworks/models/", "google": "models/"}
_PATHS_OF_HOSTS: Final = (  # how hosts write their own ids out in full
    (re.compile(r"^models/(?=gem|imagen|veo|learnlm|text-embedding)"), "google/"),
    (re.compile(r"^(?:projects/[^/]+/locations/global/)?publishers/([^/]+)/models/"), r"vertex_ai/\1/"),
    (re.compile(r"^(?=@cf/|@hf/)"), "cloudflare/"),
    (re.compile(r"^accounts/fireworks/models/"), "fireworks_ai/"),
)
_ARN: Final = re.compile(
    r"^(?:bedrock/)?(?:converse/|invoke/)?arn:aws[a-z-]*:bedrock:(?P<region>[a-z0-9-]*):\d*:(?P<kind>[a-z-]+)/(?P<id>.+)$"
)
_FINE_TUNED: Final = re.compile(r"^(?:openai/)?(?P<base>ft:[^:]+):[^/]*$")
_TAGGED: Final = re.compile(r"^[a-z0-9._-]+:[a-z0-9._-]+$")  # Ollama's `llama3:70b`; a Bedrock id has `-v1:0`
RESELLER: Final = "openrouter"  # its own keys read like other providers' ids
_OLLAMA: Final = "ollama"
_DEFAULT_TAG: Final = ":latest"


class AskedName(NamedTuple):
    """A name taken apart. A row's own key is taken apart the same way, so that both can be compared.

    `providers` are ids, none where the name speaks of no price list. `place` is what stands around the model's own name
    and makes a price of its own: a region, a size, a commitment. `maker` is whose model it is, as the path says, or "".
    `name` is the last part as written, in lower case; `words` the same in one spelling (`same_words`).
    """

    providers: tuple[str, ...]
    place: tuple[str, ...]
    maker: str
    name: str
    words: str


def asked_name(text: str, providers: Mapping[str, str]) -> AskedName | None:
    """Take a caller's name apart; `providers` maps every word that names a provider to its id.

    None for a name that means no row by its form: an application's own inference profile, or a fine-tune of a provider
    that publishes no price of it.
    """
    name = text.strip().lower()
    if "arn:aws" in name and (arn := _ARN.match(name)):
        return _of_arn(arn["kind"], arn["region"], arn["id"])
    if name.startswith(("ft:", "openai/ft:")):
        tuned = _FINE_TUNED.match(name)
        return _taken_apart(["openai"], [tuned["base"] if tuned else name.removeprefix("openai/")])
    for form, host in _PATHS_OF_HOSTS:
        name = form.sub(host, name)
    head, colon, rest = name.partition(":")
    if colon and "/" not in head and _names_somebody(head, providers) and not rest[:1].isspace():
        name = f"{head}/{rest}"  # `openai:gpt-4o`, as agent frameworks write it
    first, slash, rest = name.partition("/")
    provider = providers.get(first) if slash else None
    if provider is None:
        if _TAGGED.match(name) and not HOST_PREFIX.match(name) and not re.search(r"-v\d+:", name):
            return _taken_apart([_OLLAMA], [name.removesuffix(_DEFAULT_TAG)])
        of_bedrock = slash == "" and HOST_PREFIX.match(name) is not None
        return _taken_apart(BEDROCK if of_bedrock else (), name.split("/"))
    routes = _ROUTES.get(provider, frozenset())
    path = rest.removeprefix(_OWN_PATHS.get(provider, "")).split("/")
    while len(path) > 1 and path[0] in routes:
        del path[0]
    if provider == _OLLAMA:
        path[-1] = path[-1].removesuffix(_DEFAULT_TAG)
    return _taken_apart(_FAMILIES.get(provider, (provider,)), path)


def fine_tune(text: str) -> str | None:
    """Return the provider's own name of a tenant's fine-tune (`ft:gpt-4o-mini-2024-07-18:org::id`), else None."""
    own = text.strip().removeprefix("openai/")
    return own if _FINE_TUNED.match(own.lower()) else None


def asked_of_maker(text: str) -> AskedName:
    """Take a name apart whose first word names a maker, though a provider has that name too: `openai/gpt-oss-120b`."""
    return _taken_apart((), text.strip().lower().split("/"))


def sold_as(source_key: str, provider: str, providers: Mapping[str, str]) -> AskedName:
    """Take a row's key apart as a name is; its provider is known, and its prefix says no more than that."""
    name = source_key.strip().lower()
    first, slash, rest = name.partition("/")
    if slash and (first == provider or provider in _FAMILIES.get(word := providers.get(first, ""), (word,))):
        name = rest
    sold = _taken_apart((provider,), name.removeprefix(_OWN_PATHS.get(provider, "")).split("/"))
    if provider == RESELLER and len(sold.place) == 1 and not sold.maker:
        return sold._replace(place=(), maker=sold.place[0])  # before the slash it has makers, and nothing else
    return sold


def words_sold(source_key: str) -> str:
    """Return the `words` of what a row is sold as, for reading thousands of keys: they stand in its last part alone."""
    name = source_key.strip().lower().rpartition("/")[2]
    host = HOST_PREFIX.match(name) if "." in name else None
    return same_words(name if host is None else name[host.end() :])


def _taken_apart(providers: Iterable[str], path: list[str]) -> AskedName:
    """The last part is the name; of those before it, makers are told from places."""
    *around, name = path
    place: list[str] = []
    maker = ""
    for word in around:
        known = MAKER_OF.get(word)
        if known is None:
            place.append(word)
        else:
            maker = known
    if "." in name and (host := HOST_PREFIX.match(name)):
        maker, name = MAKER_OF.get(host["vendor"], host["vendor"]), name[host.end() :]
        if host["region"]:
            place.append(host["region"])
    return AskedName(tuple(providers), tuple(place), maker, name, same_words(name))


def _of_arn(kind: str, region: str, identity: str) -> AskedName | None:
    """A profile's own name says where it serves; a model in one region has that region's row."""
    if kind == "inference-profile":
        return _taken_apart(BEDROCK, [identity])
    if kind == "foundation-model":
        return _taken_apart(BEDROCK, [region, identity] if region else [identity])
    return None


def _names_somebody(word: str, providers: Mapping[str, str]) -> bool:
    return word in providers or word in MAKER_OF
