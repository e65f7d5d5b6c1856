"""A real Chromium and a real server with the demo, for stories told through the screen.

Without Chromium the stories are skipped with the reason; REQUIRE_BROWSER=1 makes that a failure. Every page that a test
opens is listened to: an error on the console or a violation of the content security policy fails the test.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, Playwright, expect, sync_playwright
from waitress.server import create_server

from recon.database.models import Base
from recon.database.session import make_engine, session_factory
from recon.services.demo import LOGINS, load_demo, write_demo_files
from recon.web.factory import create_app
from recon.web.work import jobs_of

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000
"""Milliseconds to wait for what a page shows: a machine that runs other tests beside is slow, not wrong."""
expect.set_options(timeout=PATIENCE / 3)

INSTALL = "Chromium is missing; on Debian: apt-get install chromium, or name one in $CHROMIUM"
VENDOR = Path(__file__).parents[2] / "recon" / "web" / "static" / "vendor" / "htmx.min.js"
PASSWORD = LOGINS[0]["password"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium() -> str:
    """Where Chromium is; skips the test where it is not, or fails it where one is required."""
    named = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    missing = (
        INSTALL if not Path(named).exists() else "" if VENDOR.exists() else "front-end packages: run script/vendor"
    )
    if missing and os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(f"REQUIRE_BROWSER=1, but {missing}")
    if missing:
        pytest.skip(missing)
    return named


@dataclass(frozen=True)
class DemoSite:
    """The served demo, and its files of the month that is not loaded."""

    address: str
    files: list[Path]


@dataclass
class Screen:
    """A page of one person's browser, with all that went wrong in it."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on(
            "console", lambda said: self.faults.append(said.text) if said.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def sign_in(self, username: str) -> None:
        self.page.goto(f"{self.address}/login")
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("heading", name="Overview").wait_for()

    def work_in(self, company: str) -> None:
        """Choose the company on top of the page; its overview opens."""
        self.choose(self.page.get_by_label("Company"), company)

    def choose(self, control: Locator, label: str) -> None:
        """Choose in a control that sends its form by itself, and wait for the page that answers."""
        if control.locator("option:checked").inner_text() != label:
            with self.page.expect_navigation():
                control.select_option(label=label)


def open_first_group(page: Page) -> None:
    """From the overview, whose rows have buttons of the same names: back when the group's own page stands."""
    page.locator("tr[id^=group-] a.plain").first.click()
    page.get_by_role("navigation", name="Group").wait_for()


def open_first_lines(page: Page) -> None:
    """The first group, when both of its panes hold their lines."""
    open_first_group(page)
    for side in ("left", "right"):
        page.locator(f"#lines-{side} .tabulator-row").first.wait_for()


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    """The address of the demo, served by waitress with its pool of jobs."""
    chromium()
    folder = tmp_path_factory.mktemp("demo")
    url = f"sqlite:///{folder / 'demo.sqlite3'}"
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        files = write_demo_files(load_demo(session), folder / "files")
        session.commit()
    engine.dispose()
    app = create_app({"DATABASE_URL": url, "INSTANCE": folder, "DEMO": True, "DEMO_USERS": LOGINS})
    yield from (DemoSite(address, files) for address in served(app))


def served(app: Flask) -> Iterator[str]:
    server = create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        jobs_of(app).stop()


@pytest.fixture(scope="session")
def playing() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@contextmanager
def browsing(playing: Playwright, profile: Path, address: str) -> Iterator[Screen]:
    """A fresh browser on a site; afterwards nothing may have been said on its console."""
    context: BrowserContext = playing.chromium.launch_persistent_context(
        str(profile),
        executable_path=chromium(),
        args=FLAGS,
        viewport={"width": 1440, "height": 900},
        accept_downloads=True,
    )
    context.set_default_timeout(PATIENCE)
    opened = Screen(context.pages[0] if context.pages else context.new_page(), address)
    opened.listen()
    try:
        yield opened
    finally:
        context.close()
    assert opened.faults == []


@pytest.fixture
def screen(demo_site: DemoSite, playing: Playwright, tmp_path: Path) -> Iterator[Screen]:
    """A fresh browser on the demo."""
    with browsing(playing, tmp_path / "profile", demo_site.address) as opened:
        yield opened
