"""The ledger's function on its schedule of checks."""

from functions.byok.ledger import run
from tests.functions.byok.byok_world import ByokWorld
from tests.functions.pricing.pricing_world import DAY


def test_yesterday_is_checked_once_for_every_tenant_that_there_is() -> None:
    byok = ByokWorld()
    byok.called("openai/gpt-4o")
    byok.money.roll_up.run()
    byok.clock.now += DAY
    first = run({"trigger": "check"}, byok.container)
    assert first["tenants"] == len(list(byok.container.tenancy.directory.everyone()))
    assert (first["rows"], first["drift"], first["is_finished"]) == (1, {}, True)
    again = run({"trigger": "check"}, byok.container)
    assert (again["tenants"], again["is_finished"]) == (0, True)
