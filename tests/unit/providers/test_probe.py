"""The test of a key over HTTP: where it goes, what goes along, and how it ends when the provider misbehaves."""

from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from atom_llm.adapters.providers.other_addresses import OtherAddresses
from atom_llm.adapters.providers.probe import MAX_ANSWER, TIMEOUTS, TOTAL_S, HttpKeyProber
from atom_llm.domain.core.providers import PROVIDER_BY_ID, PROVIDERS
from testing.fakes.provider_origin import LISTS, ProviderOrigin, google_error, openai_error, provider_origin

KEY = "sk-proj-CANARY0123456789abcdef"
PATIENT = httpx.Timeout(10.0)  # seconds, for answers that come: the machine may be busy
QUICK = httpx.Timeout(connect=1.0, read=0.2, write=1.0, pool=1.0)
EVERY = [provider.id for provider in PROVIDERS]
PATHS = {  # as the providers document them
    "openai": "/v1/models",
    "anthropic": "/v1/models?limit=1",
    "google": "/v1beta/models?pageSize=1",
    "meta": "/compat/v1/models",
    "mistral": "/v1/models",
    "cohere": "/v1/models?page_size=1",
    "deepseek": "/models",
    "minimax": "/v1/models",
    "qwen": "/compatible-mode/v1/models",
    "zhipu": "/api/paas/v4/models",
    "groq": "/openai/v1/models",
}


@pytest.fixture
def origin() -> Iterator[ProviderOrigin]:
    with provider_origin() as serving:
        yield serving


def prober(origin: ProviderOrigin, timeouts: httpx.Timeout = PATIENT) -> HttpKeyProber:
    """With every provider's own path, on the origin."""
    paths = {provider.id: httpx.URL(provider.base_url).path for provider in PROVIDERS}
    return HttpKeyProber(OtherAddresses({name: origin.url + path for name, path in paths.items()}), timeouts=timeouts)


@pytest.mark.parametrize("provider", EVERY)
def test_a_key_goes_to_the_providers_list_of_models_in_its_header_and_never_in_the_address(
    origin: ProviderOrigin, provider: str
) -> None:
    origin.answer(200, LISTS.get(provider, LISTS["openai"]))
    assert prober(origin).probe(provider, KEY) == ("valid", "the provider answered 200")
    ((path, headers),) = origin.asked
    assert path == PATHS[provider]
    shown = {name: value for name, value in headers.items() if KEY in value}
    match provider:
        case "anthropic":
            assert shown == {"x-api-key": KEY}
            assert headers["anthropic-version"] == "2023-06-01"
        case "google":
            assert shown == {"x-goog-api-key": KEY}
        case _:
            assert shown == {"authorization": f"Bearer {KEY}"}


@pytest.mark.parametrize("provider", EVERY)
def test_without_an_override_a_key_goes_to_the_published_host_over_https(provider: str) -> None:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json=LISTS["openai"])

    HttpKeyProber(OtherAddresses({}), httpx.MockTransport(answer)).probe(provider, KEY)
    (url,) = asked
    published = httpx.URL(PROVIDER_BY_ID[provider].base_url)
    assert (url.scheme, url.host, url.raw_path.decode()) == ("https", published.host, PATHS[provider])


@pytest.mark.parametrize("provider", EVERY)
@pytest.mark.parametrize(("status", "result"), [(401, "invalid"), (403, "invalid"), (402, "out_of_credit")])
def test_a_refusal_is_told_by_its_status(origin: ProviderOrigin, provider: str, status: int, result: str) -> None:
    origin.answer(status, {"error": {"message": "no: {key}"}})
    assert prober(origin).probe(provider, KEY) == (result, f"the provider answered {status}")


def test_googles_bad_key_is_a_400(origin: ProviderOrigin) -> None:
    origin.answer(400, google_error(400, "INVALID_ARGUMENT", "API key not valid: {key}", "API_KEY_INVALID"))
    assert prober(origin).probe("google", KEY)[0] == "invalid"


def test_an_empty_account_is_told_from_too_many_requests(origin: ProviderOrigin) -> None:
    origin.answer(429, openai_error("no quota", "insufficient_quota", "insufficient_quota"))
    assert prober(origin).probe("openai", KEY)[0] == "out_of_credit"
    origin.answer(429, openai_error("slow down", "requests", "rate_limit_exceeded"))
    assert prober(origin).probe("openai", KEY)[0] == "valid"


@pytest.mark.parametrize("status", [401, 403])
def test_a_restricted_key_that_may_not_list_models_still_works(origin: ProviderOrigin, status: int) -> None:
    message = "You have insufficient permissions for this operation. Missing scopes: api.model.read."
    origin.answer(status, openai_error(message, "invalid_request_error", None))
    assert prober(origin).probe("openai", KEY)[0] == "valid"


@pytest.mark.parametrize("status", [404, 408, 409, 418, 500, 502, 503, 529])
def test_any_other_answer_says_nothing_about_the_key(origin: ProviderOrigin, status: int) -> None:
    origin.answer(status, {})
    assert prober(origin).probe("openai", KEY) == ("unreachable", f"the provider answered {status}")


def test_a_redirect_is_not_followed_for_the_key_would_go_along(origin: ProviderOrigin) -> None:
    with provider_origin() as elsewhere:
        origin.redirect(f"{elsewhere.url}/v1/models")
        assert prober(origin).probe("openai", KEY) == ("unreachable", "the provider answered 302")
        assert elsewhere.asked == []


@pytest.mark.parametrize("body", ["<html>sign in</html>", "", {"code": 401, "msg": "token expired", "success": False}])
def test_a_200_that_is_no_list_of_models_proves_nothing(origin: ProviderOrigin, body: object) -> None:
    origin.answer(200, body)
    assert prober(origin).probe("zhipu", KEY)[0] == "unreachable"


def test_silence_ends_in_time(origin: ProviderOrigin) -> None:
    origin.be_silent(1.0)
    assert prober(origin, QUICK).probe("openai", KEY) == ("unreachable", "the provider did not answer in time")


def test_an_answer_that_is_cut_proves_nothing(origin: ProviderOrigin) -> None:
    origin.cut()
    result, detail = prober(origin).probe("openai", KEY)
    assert (result, detail) == ("unreachable", "the provider could not be asked: RemoteProtocolError")


def test_a_connection_that_is_hung_up_proves_nothing(origin: ProviderOrigin) -> None:
    origin.hang_up()
    assert prober(origin).probe("openai", KEY)[0] == "unreachable"


def test_an_answer_without_end_is_given_up(origin: ProviderOrigin) -> None:
    origin.flood()
    found = prober(origin).probe("openai", KEY)
    assert found == ("unreachable", "the provider answered more than a list of models")


def test_an_answer_that_trickles_is_given_up() -> None:
    seconds = count(0, int(TOTAL_S) + 1)
    pieces = httpx.Response(200, content=iter([b"{", b"}"]))
    asked = HttpKeyProber(OtherAddresses({}), httpx.MockTransport(lambda _: pieces), now=lambda: float(next(seconds)))
    assert asked.probe("openai", KEY) == ("unreachable", "the provider did not answer in time")


def test_a_compressed_answer_is_not_unpacked() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, headers={"content-encoding": "gzip"}, content=iter([b"no gzip at all"]))

    assert HttpKeyProber(OtherAddresses({}), httpx.MockTransport(answer)).probe("openai", KEY)[0] == "unreachable"
    assert asked[0].headers["accept-encoding"] == "identity"


def test_a_host_that_does_not_exist_or_does_not_listen_proves_nothing() -> None:
    with provider_origin() as gone:
        url = gone.url
    for address in (url, "http://no-such-host.invalid", "http://127.0.0.1:99999"):
        result, detail = HttpKeyProber(OtherAddresses({"openai": address}), timeouts=QUICK).probe("openai", KEY)
        assert result == "unreachable"
        assert KEY not in detail


@pytest.mark.parametrize("status", [200, 400, 401, 402, 403, 429, 500])
def test_what_a_provider_says_of_the_key_comes_through_nowhere(
    origin: ProviderOrigin, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for provider in EVERY:
        origin.answer(status, openai_error("the key {key} is bad", "{key}", "{key}"))
        assert "CANARY" not in str(prober(origin).probe(provider, KEY))
    assert "CANARY" not in caplog.text


def test_a_key_that_no_header_can_carry_is_not_in_the_error() -> None:
    result, detail = HttpKeyProber(OtherAddresses({"openai": "http://127.0.0.1:9"})).probe("openai", "CANARY\r\nx: y")
    assert (result, "CANARY" in detail) == ("unreachable", False)


def test_the_four_timeouts_are_said_and_fit_into_a_request() -> None:
    said = TIMEOUTS.as_dict()
    assert set(said) == {"connect", "read", "write", "pool"}
    assert all(value is not None and value < 10 for value in said.values())
    assert (MAX_ANSWER, TOTAL_S < 29) == (1024 * 1024, True)
