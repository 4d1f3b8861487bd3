"""The rotation of the pepper: a new one beside the old, an overlap in which used keys are rehashed, and its end."""

from collections import Counter
from collections.abc import Callable, Mapping
from secrets import token_bytes
from typing import Final

from atom_llm.domain.core.audit import OPERATOR, Action, Actor
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.peppers import Peppers, StoredPeppers, retired, rotated
from atom_llm.domain.tenancy.service_keys import random_text
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import AuditLog, PepperStore, ServiceKeyStore, TenantStore
from atom_llm.services.core.audit_entries import audit_entry
from atom_llm.services.tenancy.operator.find_operator import operator_of

PEPPER_LENGTH: Final = 64  # characters of base 62, 380 bits; as long as the first one, which the data stack draws


class PepperRotation:
    """The use cases of whoever holds the account: no service key may ask for them.

    Of two who rotate at once, one is told that the other did. A key is rehashed by the process that it is shown to,
    for nobody else knows its secret; one that nobody shows stays under the old pepper and stops working with it.
    """

    def __init__(
        self,
        peppers: PepperStore,
        tenants: TenantStore,
        keys: ServiceKeyStore,
        audit_log: AuditLog,
        clock: Clock,
        random_bytes: Callable[[int], bytes] = token_bytes,
    ) -> None:
        """Take the stores; `random_bytes` must be fit for secrets."""
        self._peppers = peppers
        self._tenants = tenants
        self._keys = keys
        self._audit_log = audit_log
        self._clock = clock
        self._random_bytes = random_bytes

    def stored(self) -> StoredPeppers:
        """Return the peppers in force; raises `Unavailable`."""
        return self._peppers.read()

    def live_keys(self) -> Mapping[str, int]:
        """Count the service keys that work, by the version of the pepper that they are hashed by."""
        now = self._clock()
        keys = (key for tenant in self._tenants.all() for key in self._keys.of(tenant.id))
        return Counter(key.pepper_version for key in keys if key.is_usable(now))

    def rotate(self) -> Peppers:
        """Make a new pepper current; the one before opens keys on. Raises `Conflict`, `Unavailable`."""
        found = self._peppers.read()
        peppers = rotated(found.peppers, random_text(PEPPER_LENGTH, self._random_bytes))
        return self._replaced(found, peppers, "pepper.rotated", peppers.current)

    def retire(self, *, despite_keys: bool = False) -> Peppers:
        """Take the former pepper away; `despite_keys` ends those that are still hashed by it.

        Raises `Conflict` where there is none, its overlap is not over, or live keys need it; `Unavailable`.
        """
        found = self._peppers.read()
        peppers = retired(found, self._clock())
        former = found.peppers.former
        waiting = sum(count for version, count in self.live_keys().items() if version in former)
        if waiting and not despite_keys:
            raise Conflict(f"{waiting} live service keys have not been used since the rotation and would end")
        return self._replaced(found, peppers, "pepper.retired", ", ".join(former))

    def _replaced(self, found: StoredPeppers, peppers: Peppers, action: Action, version: str) -> Peppers:
        """Write the entry, then the secret: two stores, and an entry too many is better than an act without one."""
        found_operator = operator_of(self._tenants)
        operator = found_operator.id if found_operator is not None else TenantId("operator")
        entry = audit_entry(Actor(operator, OPERATOR), action, version, operator, self._clock())
        self._audit_log.record(entry)
        self._peppers.replace(found, peppers)
        return peppers
