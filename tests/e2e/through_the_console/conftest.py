"""A Chromium for all tests of the console, and pages of it that note whatever goes wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from local.console.browser import browser as path_of_browser
from local.workspace import CONSOLE
from tests.e2e.conftest import RunningService

WIDE, NARROW = 1280, 390  # pixels
HEIGHT = 900
PATIENCE_MS = 30_000  # a first answer of a function unpacks its layer, on a machine that may be busy
AXE = CONSOLE / "node_modules" / "axe-core" / "axe.min.js"
NOTES_VIOLATIONS = """
window.refused = [];
document.addEventListener('securitypolicyviolation', (event) =>
  window.refused.push(`${event.effectiveDirective}: ${event.blockedURI}`));
"""
FINDS_FAULTS = """
async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map((each) =>
  `${each.id}: ${each.nodes.map((node) => node.target.join(' ')).join(', ')}`)
"""


@dataclass
class ConsolePage:
    """A page of the console, with what its browser complained of."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def sign_in(self, service_key: str) -> None:
        """Paste a service key and wait for the menu."""
        self.page.goto(f"{self.address}/console/")
        self.page.get_by_label("Service key").fill(service_key)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("navigation", name="Pages").wait_for()

    def open(self, address: str) -> None:
        """Go to an address behind the `#`, and wait until nothing loads any more."""
        self.page.evaluate("(address) => { location.hash = address }", f"#/{address}")
        self.page.wait_for_load_state("networkidle")
        self.page.get_by_role("heading", level=1).wait_for()
        expect(self.page.locator(".loading")).to_have_count(0, timeout=PATIENCE_MS)

    def faults(self) -> list[str]:
        """Everything that went wrong so far: complaints of the browser, of its policy, and of axe."""
        self.page.evaluate(AXE.read_text())  # a script element would be refused by the console's own policy
        found: list[str] = self.page.evaluate(FINDS_FAULTS)
        refused: list[str] = self.page.evaluate("window.refused")
        return [*self.complaints, *refused, *found]

    def is_as_wide_as_its_window(self) -> bool:
        """Return whether nothing stands out to the right."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path_of_browser())
        yield browser
        browser.close()


Opener = Callable[[int], ConsolePage]


@pytest.fixture
def opened(chromium: Browser, front_door: str) -> Iterator[Opener]:
    """Open the console in a window of so many pixels; the windows are closed in the end."""
    contexts = []

    def open_at(width: int) -> ConsolePage:
        context = chromium.new_context(viewport={"width": width, "height": HEIGHT}, accept_downloads=True)
        contexts.append(context)
        context.add_init_script(NOTES_VIOLATIONS)
        console = ConsolePage(context.new_page(), front_door)

        def note(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                console.complaints.append(f"{message.type}: {message.text} {message.location['url']}")

        console.page.on("console", note)
        console.page.on("pageerror", lambda error: console.complaints.append(f"thrown: {error}"))
        return console

    yield open_at
    for context in contexts:
        context.close()


@pytest.fixture
def signed_in(opened: Opener, deployment: RunningService) -> Opener:
    """Open the console with the operator's service key."""

    def open_at(width: int) -> ConsolePage:
        console = opened(width)
        console.sign_in(deployment.service_key)
        return console

    return open_at
