"""Trusted issuers: declared by the operator, seen by the admins of the tenants that they lead to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from secrets import token_bytes
from typing import Final

from atom_llm.domain.core.audit import Action, Actor, AuditEntry
from atom_llm.domain.core.errors import Conflict, InvalidRequest, IssuerUnavailable, NotFound
from atom_llm.domain.core.ids import RANDOM_BYTES, TenantId, ulid
from atom_llm.domain.tenancy.identity.trusted_issuers import ACCOUNT, MAX_ISSUERS, TrustedIssuer, check_issuer
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import IssuerStore, TenantStore
from atom_llm.process_cache import ReadThrough
from atom_llm.services.core.audit_entries import audit_entry
from atom_llm.services.tenancy.identity.issuer_keys import IssuerKeys

KNOWN_FOR: Final = timedelta(seconds=30)  # an issuer that is no longer trusted opens something so long at most
CACHED: Final = 1_000  # issuers that tokens name, whether they are trusted or not


class KnownIssuers:
    """The look-up of trusted issuers by what tokens say, remembered for half a minute."""

    def __init__(self, store: IssuerStore, clock: Clock) -> None:
        """Take the store; nothing is read before the first token."""
        self._known: ReadThrough[str, TrustedIssuer | None] = ReadThrough(store.find, clock, KNOWN_FOR, CACHED)

    def of(self, url: str) -> TrustedIssuer | None:
        """Return a trusted issuer; None for every other."""
        return self._known.of(url)

    def forget(self, url: str) -> None:
        """Forget an issuer, which was changed."""
        self._known.forget(url)


class TrustedIssuers:
    """The use cases of trusted issuers."""

    def __init__(
        self,
        store: IssuerStore,
        tenants: TenantStore,
        known: KnownIssuers,
        keys: IssuerKeys,
        clock: Clock,
        *,
        on_this_machine: bool,
    ) -> None:
        """Take the stores; `on_this_machine` lets loopback addresses pass."""
        self._store = store
        self._tenants = tenants
        self._known = known
        self._keys = keys
        self._clock = clock
        self._on_this_machine = on_this_machine
        # Anybody may ask, so that the answer costs a read in half a minute and no more.
        self._sign_ins: ReadThrough[None, list[tuple[str, str]]] = ReadThrough(
            lambda _: [(each.url, each.sign_in_client) for each in store.all() if each.sign_in_client is not None],
            clock,
            KNOWN_FOR,
            1,
        )

    def listed(self, own: TenantId, *, is_operator: bool) -> list[TrustedIssuer]:
        """List all issuers for the operator; for others those that lead to their tenant, with such rules alone."""
        every = self._store.all()
        if is_operator:
            return every
        ours = (replace(each, rules=tuple(rule for rule in each.rules if rule.tenant == own)) for each in every)
        return [each for each in ours if each.rules]

    def for_sign_in(self) -> list[tuple[str, str]]:
        """List the issuers by which people sign in, each with its public client; remembered for half a minute."""
        return self._sign_ins.of(None)

    def trust(self, wanted: TrustedIssuer, by: Actor, *, ends_keys: bool = False) -> TrustedIssuer:
        """Trust an issuer as it is given, in the place of what was declared of it before.

        Its keys are read first: one that cannot be asked is not trusted. With `ends_keys`, service keys that its tokens
        were exchanged for open nothing any more. Raises `InvalidRequest` naming the field, and `Conflict`.
        """
        check_issuer(wanted, on_this_machine=self._on_this_machine)
        self._check_tenants(wanted)
        before, now = self._store.find(wanted.url), self._clock()
        if before is None and len(self._store.all()) >= MAX_ISSUERS:
            raise Conflict(f"a deployment trusts at most {MAX_ISSUERS} issuers")
        since = now if before is None or ends_keys else before.trusted_from
        made = replace(wanted, trusted_from=since, changed_at=now, revision=ulid(now, token_bytes(RANDOM_BYTES)))
        if before is not None and _said(before) == _said(made) and not ends_keys:
            return before
        try:
            if made.url != ACCOUNT:
                self._keys.anew(made)
        except IssuerUnavailable as error:
            raise InvalidRequest("issuer", f"cannot be trusted: {error.message}") from None
        concerned = made.tenants | (before.tenants if before is not None else frozenset())
        entries = self._entries(by, "issuer.trusted", made, concerned)
        if not self._store.save(made, entries, before=before.revision if before is not None else None):
            raise Conflict("the issuer was changed by somebody else meanwhile")
        if made.url != ACCOUNT:
            self._keys.keep(made)
        self._forget(made)
        return made

    def distrust(self, issuer_id: str, by: Actor) -> TrustedIssuer:
        """Trust an issuer no longer; raises `NotFound` where it is not trusted, and `Conflict`."""
        found = next((each for each in self._store.all() if each.id == issuer_id), None)
        if found is None:
            raise NotFound("no issuer of that id is trusted", issuer=issuer_id)
        if not self._store.remove(found, self._entries(by, "issuer.distrusted", found, found.tenants)):
            raise Conflict("the issuer was changed by somebody else meanwhile")
        self._forget(found)
        return found

    def _forget(self, changed: TrustedIssuer) -> None:
        self._known.forget(changed.url)
        self._sign_ins.forget(None)

    def _check_tenants(self, wanted: TrustedIssuer) -> None:
        for place, rule in enumerate(wanted.rules):
            found = self._tenants.find(rule.tenant) if rule.tenant is not None else None
            if rule.tenant is not None and (found is None or found.deleted_at is not None):
                raise InvalidRequest(f"rules.{place}.tenant", "names no tenant that there is")

    def _entries(
        self, by: Actor, action: Action, issuer: TrustedIssuer, concerned: frozenset[TenantId]
    ) -> Sequence[AuditEntry]:
        """Make out an entry in the operator's log, and one in the log of each tenant that a rule names."""
        now = self._clock()
        told = (by.tenant, *sorted(concerned - {by.tenant}))
        return [audit_entry(by, action, issuer.url, tenant, now) for tenant in told]


def _said(issuer: TrustedIssuer) -> TrustedIssuer:
    """Return an issuer without what is not said of it by whoever declares it."""
    return replace(issuer, changed_at=issuer.trusted_from, revision="")
