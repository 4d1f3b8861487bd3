"""Tokens that must not be let in, of every kind that there is, each made of a seed; and good ones between them.

make tokens [TOKENS_ARGS="--seed 7 --tokens 10000"]
"""

import argparse
import json
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import sha256
from hmac import digest
from random import Random
from typing import Any, Final

from atom_llm.domain.core.errors import TokenRefused
from testing.identity_world import ACME, IdentityWorld
from testing.issuer_keys import AUDIENCE, ISSUER, SigningKey, claims, public, signing_key, token

GOOD_EVERY: Final = 20  # a check that lets nobody in would pass, too
SECRETS: Final = ("", "secret", "api://atom")
_NO_AUDIENCES: Final[tuple[Any, ...]] = (
    *(None, "", [], "api://atom/", "API://ATOM", "api://ato", ["api://other"], [""], 5, True, {"api://atom": 1}),
    *([["api://atom"]], "api://atom api://other", "*", [None, 1]),
)
_NOBODIES: Final[tuple[dict[str, Any], ...]] = (
    *({"sub": None}, {"sub": ""}, {"sub": 5}, {"sub": ["ann"]}, {"groups": None}, {"groups": ["other"]}),
    *({"groups": "llm-users-not"}, {"groups": {"llm-users": True}}, {"groups": [["llm-users"]]}),
)

Forge = Callable[[IdentityWorld, Random], str]


def _b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _part(value: object) -> str:
    return _b64(json.dumps(value).encode())


def _keys(world: IdentityWorld) -> tuple[SigningKey, ...]:
    return world.rsa, world.ec, world.ed


def good(world: IdentityWorld, chance: Random) -> str:
    """Return a token that has to be let in."""
    skew = chance.randrange(-50, 50)
    at = int(world.clock().timestamp())
    said = claims(
        world.clock(),
        iat=at + skew,
        exp=at + skew + chance.randrange(60, 3_600),
        aud=chance.choice([AUDIENCE, [AUDIENCE], ["api://other", AUDIENCE]]),
        nbf=chance.choice([None, at + skew]),
    )
    key = chance.choice(_keys(world))
    kinds = [{}, {"typ": "at+jwt"}, {"typ": "application/AT+JWT"}, {"x5t": "abc"}]
    return token(key, said, chance.choice(kinds))


def wrong_signature(world: IdentityWorld, chance: Random) -> str:
    """Another key under the same id, a bit that is another one, or less of a signature."""
    key = chance.choice(_keys(world))
    said = claims(world.clock())
    match chance.randrange(5):
        case 0:
            return token(signing_key(str(key.alg), "a stranger's"), said, {"kid": key.kid})
        case 1:
            head, body, signature = token(key, said).split(".")
            raw = bytearray(urlsafe_b64decode(signature + "=="))
            raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            return f"{head}.{body}.{_b64(bytes(raw))}"
        case 2:
            head, body, signature = token(key, said).split(".")
            return f"{head}.{body}.{signature[: chance.randrange(len(signature) - 4)]}"
        case 3:
            head, _, signature = token(key, said).split(".")
            more = said | {chance.choice(["sub", "groups", "extra"]): chance.choice(["root", ["llm-users", "admins"]])}
            return f"{head}.{_part(more)}.{signature}"
        case _:
            first, second = token(key, said), token(key, said | {"sub": "eve"})
            return ".".join([*first.split(".")[:2], second.split(".")[2]])


def wrong_algorithm(world: IdentityWorld, chance: Random) -> str:
    """No signature, a MAC with what is public as its secret, or an algorithm that is not trusted."""
    said = claims(world.clock())
    key = chance.choice(_keys(world))
    match chance.randrange(4):
        case 0:
            none = chance.choice(["none", "None", "NONE", "nOnE", ""])
            return f"{_part({'alg': none, 'kid': key.kid})}.{_part(said)}." + chance.choice(["", "AA"])
        case 1:
            published = public(key)
            pem = key.as_pem(private=False) if hasattr(key, "as_pem") else b""
            secret = chance.choice(
                [pem, pem.strip(), json.dumps(published).encode(), str(published.get("n", "x")).encode()]
                + [each.encode() for each in SECRETS]
            )
            kind, hashed = chance.choice([("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")])
            signed = f"{_part({'alg': kind, 'kid': key.kid, 'typ': 'JWT'})}.{_part(said)}"
            return f"{signed}.{_b64(digest(secret, signed.encode(), hashed))}"
        case 2:
            other = chance.choice(["RS384", "RS512", "PS256", "PS512"])
            plain = {name: value for name, value in world.rsa.as_dict(private=True).items() if name != "alg"}
            return token(type(world.rsa).import_key(plain), said, {"alg": other, "kid": world.rsa.kid})
        case _:
            head = {"alg": chance.choice(["RS256", "ES256", "EdDSA", "XX", 5, None, ["RS256"]]), "kid": key.kid}
            _, body, signature = token(key, said).split(".")
            return f"{_part(head | {'typ': 'JWT'})}.{body}.{signature}"


def wrong_audience(world: IdentityWorld, chance: Random) -> str:
    """For somebody else, for nobody, or for what is no audience."""
    other = chance.choice(_NO_AUDIENCES)
    return token(chance.choice(_keys(world)), claims(world.clock(), aud=other))


def wrong_time(world: IdentityWorld, chance: Random) -> str:
    """Over, not yet, at no time, or for longer than any token may live."""
    at = int(world.clock().timestamp())
    far = chance.randrange(61, 10**6)
    faults: list[dict[str, Any]] = [
        {"exp": at - far, "iat": at - far - 300},
        {"exp": at - 60, "iat": at - 360},
        {"exp": None},
        {"exp": str(at + 300)},
        {"exp": True},
        {"exp": {}},
        {"exp": at + 86_401},
        {"exp": 10**18},
        {"exp": at + 300, "iat": at - 86_400},
        {"iat": None},
        {"iat": at + far, "exp": at + far + 300},
        {"iat": str(at)},
        {"iat": at + 30, "exp": at + 30},
        {"nbf": at + far},
        {"nbf": "now"},
        {"exp": -1, "iat": -301},
    ]
    return token(chance.choice(_keys(world)), claims(world.clock(), **chance.choice(faults)))


def wrong_time_unspeakable(world: IdentityWorld, chance: Random) -> str:
    """A time that JSON has no word for, and Python's reader takes."""
    key = chance.choice(_keys(world))
    said = claims(world.clock()) | {chance.choice(["exp", "iat", "nbf"]): chance.choice([float("nan"), float("inf")])}
    return token(key, said)


def wrong_key_id(world: IdentityWorld, chance: Random) -> str:
    """An id that nobody has, none where it is needed, or one that leads elsewhere."""
    said = claims(world.clock())
    stranger = signing_key("RS256", "a stranger's")
    mine = public(stranger)
    heads: list[dict[str, Any]] = [
        {"kid": "unknown"},
        {"kid": "../../dev/null"},
        {"kid": "RS256-1' OR '1'='1"},
        {"kid": "x" * 300},
        {"kid": 5},
        {"kid": ["RS256-1"]},
        {"jwk": mine},
        {"jwk": mine, "kid": "RS256-1"},
        {"jku": "https://evil.example.com/keys"},
        {"jku": "https://evil.example.com/keys", "kid": "RS256-1"},
        {"x5u": "https://evil.example.com/cert", "kid": "RS256-1"},
        {"x5c": ["MIIB"], "kid": "RS256-1"},
    ]
    head = {"alg": "RS256", **chance.choice(heads)}
    signed = f"{_part(head)}.{_part(said)}"
    _, _, signature = token(stranger, said).split(".")
    return f"{signed}.{signature}"


def wrong_issuer(world: IdentityWorld, chance: Random) -> str:
    """An issuer that is not trusted, or is spelt as a trusted one nearly is."""
    near: list[Any] = [
        f"{ISSUER}/",
        ISSUER.upper(),
        f"{ISSUER}.evil.com",
        "http://login.example.com",
        f" {ISSUER}",
        "",
        None,
    ]
    other = chance.choice([*near, "https://login.example.com@evil.com", [ISSUER], 5, {}, "https://evil.example.com"])
    return token(chance.choice(_keys(world)), claims(world.clock(), iss=other))


def wrong_kind(world: IdentityWorld, chance: Random) -> str:
    """Signed by the right key, and another thing than a token for us."""
    heads: list[dict[str, Any]] = [{"typ": "logout+jwt"}, {"typ": "dpop+jwt"}, {"typ": "secevent+jwt"}, {"typ": "JWE"}]
    key, said = chance.choice(_keys(world)), claims(world.clock())
    head, body, signature = token(key, said, chance.choice(heads)).split(".")
    match chance.randrange(3):
        case 0:
            return f"{head}.{body}.{signature}"
        case 1:
            extended = {"alg": key.alg, "kid": key.kid, "crit": ["b64"], "b64": False}
            return f"{_part(extended)}.{body}.{signature}"
        case _:
            return chance.choice([f"{head}.{body}", f"{head}.{body}.{signature}.{signature}", f"{head}..{signature}"])


def wrong_subject(world: IdentityWorld, chance: Random) -> str:
    """Nobody, or somebody whom no rule lets in."""
    fault = chance.choice(_NOBODIES)
    return token(chance.choice(_keys(world)), claims(world.clock(), **fault))


FORGED: Final[Mapping[str, Forge]] = {
    "signature": wrong_signature,
    "algorithm": wrong_algorithm,
    "audience": wrong_audience,
    "time": wrong_time,
    "unspeakable time": wrong_time_unspeakable,
    "key id": wrong_key_id,
    "issuer": wrong_issuer,
    "kind": wrong_kind,
    "subject": wrong_subject,
}


def run(seed: int, tokens: int) -> Counter[str]:
    """Show `tokens` forged ones, and good ones between them, and count by kind what became of them.

    Raises `AssertionError` with the seed of the first one that was let in, or of a good one that was not.
    """
    world, told = IdentityWorld(), Counter[str]()
    for number in range(tokens):
        one = int.from_bytes(sha256(f"{seed} {number}".encode()).digest()[:8], "big")
        chance = Random(one)  # a schedule, and no secret
        kind = chance.choice(list(FORGED))
        world.clock.pass_s(chance.choice([0, 0, 0, 1, 40]))
        shown = FORGED[kind](world, chance)
        told[f"{kind}: {_refusal(world, shown, f'{kind}, token {number} of seed {seed}')}"] += 1
        if number % GOOD_EVERY == 0:
            assert world.tokens.authenticate(good(world, chance)).tenant == ACME
            told["good: let in"] += 1
    return told


def _refusal(world: IdentityWorld, shown: str, which: str) -> str:
    try:
        caller = world.tokens.authenticate(shown)
    except TokenRefused as refused:
        return refused.reason
    raise AssertionError(f"{which}: let in as {caller.person}: {shown}")


def main() -> None:
    """Run as many as are asked for, and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=10_000)
    asked = parser.parse_args()
    told = run(asked.seed, asked.tokens)
    for what, times in sorted(told.items()):
        sys.stdout.write(f"{times:7,}  {what}\n")
    sys.stdout.write(f"{asked.tokens:,} forged tokens of seed {asked.seed}: none was let in\n")


if __name__ == "__main__":
    main()
