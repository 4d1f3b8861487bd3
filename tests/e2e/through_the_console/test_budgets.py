"""Budgets in the console: of somebody whom the books have as a hash, one is changed and taken away by that hash."""

from uuid import uuid4

from playwright.sync_api import expect

from tests.e2e.conftest import RunningService
from tests.e2e.through_the_console.conftest import PATIENCE_MS, WIDE, Opener


def test_a_hashed_person_s_budget_is_changed_and_taken_away(signed_in: Opener, deployment: RunningService) -> None:
    tenant = f"t-{uuid4().hex[:12]}"
    with deployment.http() as operator:
        operator.post("/api/byok/tenants", json={"id": tenant, "name": "Hashing"}).raise_for_status()
        operator.patch(f"/api/byok/tenants/{tenant}", json={"hash_end_users": True}).raise_for_status()
        wanted = {"scope": "person:ada", "window": "day", "limit_usd": "1"}
        set_by_name = operator.put("/api/byok/budgets", params={"tenant": tenant}, json=wanted).raise_for_status()
        scope = set_by_name.json()["data"]["budget"]["scope"]
        assert scope.startswith("person:sha256-")

        console = signed_in(WIDE)
        console.open(f"budgets?tenant={tenant}")
        page = console.page
        page.get_by_role("button", name=f"Change {scope}, day", exact=True).click()
        page.get_by_label("Limit, $", exact=True).fill("2.5")
        page.get_by_role("button", name="Change it").click()
        expect(page.get_by_text(f"Set: {scope}, day.", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        page.get_by_role("button", name=f"Take away {scope}, day", exact=True).click()
        page.get_by_role("button", name="Take it away").click()
        expect(page.get_by_text(f"Taken away: {scope}, day.", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        assert console.faults() == []
        operator.delete(f"/api/byok/tenants/{tenant}").raise_for_status()
