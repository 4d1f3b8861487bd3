"""What the run's own tenant does: it stores a key, calls, streams, spends what it may, and rotates the key."""

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from local.smoke.inbox import Inbox
from local.smoke.place import Place
from local.smoke.report import NotSeen, Step
from local.smoke.service import TriedService
from local.smoke.tenant import BYOK

HELLO: Final = "Say hello."
SHORT: Final = 64  # output tokens of a call that shows that it works
LONG: Final = 16_000  # of one that lasts: at 100 a second, more than two minutes
AMPLE_USD: Final = "1000"
CALLS_IN_BUDGET: Final = 30  # one is held for at several times what it costs
MOST_CALLS: Final = 60
ALERT_AT: Final = 50  # per cent of the budget
ALERT_S: Final = 300  # the ledger's function is woken by the row, and a sweep makes up for it
KNOWN_S: Final = 31  # a new budget binds everywhere within 30 s
ROTATED_S: Final = 40  # others than who rotated take the new key within 30 s
PAUSE_S: Final = 2.0


class TryingTenant:
    """The tenant, and what it knows of its own steps."""

    def __init__(self, place: Place, own: TriedService, streaming: TriedService) -> None:
        """`streaming` is the same caller where answers stream."""
        self._place = place
        self._own = own
        self._streaming = streaming
        self._key_id = ""
        self._cost = Decimal(0)  # of one short call
        self._known_at = 0.0  # when every process knows the budget

    def store_key(self, step: Step) -> None:
        """Store the first key, and have the provider asked whether it is one."""
        body = {"provider": self._place.provider, "api_key": self._place.provider_keys[0], "validate": True}
        stored = self._own.ask("POST", f"{BYOK}/keys", body, status=201)
        self._key_id = stored["id"]
        step.must(stored["status"] == "valid", f"the key …{stored['last4']} is {stored['status']}")

    def set_budget(self, step: Step) -> None:
        """Set a budget that is lowered later, which binds at once."""
        step.saw(f"${self._budget(AMPLE_USD)['remaining_usd']} a day")
        self._known_at = time.monotonic() + KNOWN_S

    def call(self, step: Step) -> None:
        """Call once, whole, and find the call in the ledger at the price that its answer had."""
        answer = self._own.call(self._place.model, HELLO, SHORT)
        step.must(
            answer.status_code == 200, f"answered {answer.status_code}{_refusal(answer.status_code, answer.text)}"
        )
        self._cost = Decimal(answer.headers["x-llm-cost-usd"])
        step.must(self._cost > 0, f"it cost ${self._cost}")
        attempt = self._attempt(answer.headers["x-llm-call-id"])
        step.must(Decimal(attempt["cost_usd"]) == self._cost, "and stands in the ledger with that")

    def stream(self, step: Step, seconds: float) -> None:
        """Read a stream that lasts, piece by piece, to its end."""
        if self._streaming.url != self._own.url:  # another process, which has not been asked for anything yet
            self._streaming.call(self._place.model, HELLO, SHORT)
        self._place.stretch(seconds)
        try:
            told = self._streaming.stream(self._place.model, self._place.prompt, LONG)
        finally:
            self._place.at_ease()
        step.must(told.is_whole, f"{told.pieces} pieces, to the end")
        step.must(told.took_s >= seconds, f"in {told.took_s:.1f} s")
        step.must(told.first_s < told.took_s / 2, f"the first after {told.first_s:.2f} s")
        step.saw(f"the longest silence {told.longest_silence_s:.1f} s")
        attempt = self._attempt(told.call_id)
        step.saw(f"it cost ${attempt['cost_usd']}, in {attempt['of']} attempt(s)")

    def cross_a_budget(self, step: Step, inbox: Inbox, tenant: str) -> None:
        """Call until a budget refuses, see that it held and that its alert arrives; lift it again."""
        time.sleep(max(0.0, self._known_at - time.monotonic()))
        spent = Decimal(self._budget(AMPLE_USD)["spent_usd"])
        limit = spent + CALLS_IN_BUDGET * self._cost
        self._budget(f"{limit:f}")
        made = 0
        while (answer := self._own.call(self._place.model, HELLO, SHORT)).status_code == 200:
            made += 1
            if made == MOST_CALLS:
                raise NotSeen(f"{made} calls of ${self._cost} passed a budget that had room for {CALLS_IN_BUDGET}")
        step.must(answer.status_code == 402, f"{made} calls, then {answer.status_code}{_refusal(402, answer.text)}")
        state = self._own.ask("GET", f"{BYOK}/budgets")["items"][0]
        step.must(Decimal(state["spent_usd"]) <= limit, f"spent ${state['spent_usd']} of ${limit:f}")
        alert = inbox.wait_for(
            "The budget's alert", lambda each: each.get("detail", {}).get("tenant") == tenant, within_s=ALERT_S
        )
        step.saw(f"the alert of {alert['detail']['threshold_percent']} % arrived")
        self._budget(AMPLE_USD)

    def rotate(self, step: Step) -> None:
        """Put the second key in the first one's place, and call with it while the first one opens nothing any more."""
        first, second = self._place.provider_keys
        rotated = self._own.ask("POST", f"{BYOK}/keys/{self._key_id}/rotate", {"api_key": second})
        step.saw(f"the key is now …{rotated['last4']}")
        if second != first:
            self._place.end_of_key(first)
        until = time.monotonic() + ROTATED_S
        while (answer := self._own.call(self._place.model, HELLO, SHORT)).status_code != 200:
            if time.monotonic() > until:
                raise NotSeen(f"{ROTATED_S} s later a call is answered {answer.status_code}: {answer.text[:300]}")
            time.sleep(PAUSE_S)
        step.saw("and a call succeeds with it")

    def _budget(self, limit: str) -> Mapping[str, Any]:
        body = {"window": "day", "limit_usd": limit, "alert_at": [ALERT_AT]}
        budget: Mapping[str, Any] = self._own.ask("PUT", f"{BYOK}/budgets", body)["budget"]
        return budget

    def _attempt(self, call_id: str) -> Mapping[str, Any]:
        """Return the attempt of a call that succeeded; raises `NotSeen` where the ledger has none."""
        attempts = self._own.ask("GET", f"{BYOK}/usage/calls/{call_id}")["attempts"]
        found = next((each for each in attempts if each["status"] == "succeeded"), None)
        if found is None:
            raise NotSeen(f"the ledger has no attempt of {call_id} that succeeded: {attempts}")
        return {**found, "of": len(attempts)}


def _refusal(status: int, text: str) -> str:
    return "" if status in (200, 402) else f": {text[:300]}"
