"""What the studio costs and how soon it is there: `python -m tests.bench.studio`, on a machine with Chromium.

On a stack of its own, with one month of loans settled, and beside that stack's own studio. Each look is a browser's
first: nothing is in its cache.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

import psutil
import requests
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from services.studio.gate import HEALTH
from tests.flow.loop import SCHEDULES, turning
from tests.studio.conftest import DESK
from tests.studio.looking import FLAGS, PATHS, chromium_path, settle

ROOT = Path(__file__).parents[2]
LOOKS, STARTS, IDLE_SECONDS = 5, 3, 10.0
MARK_SECONDS = 1.5
MIB = 1 << 20

FIRST_CONTENT = """() => document.querySelector('h1')?.innerText
    && document.querySelectorAll("[data-testid='stMain'] [data-testid='stElementContainer']").length > 1
    && performance.now()"""
"""Milliseconds since the navigation began, once there is a title and something below it."""


@contextmanager
def started(environment: Mapping[str, str]) -> Iterator[tuple[str, psutil.Process, float]]:
    """A studio, its process, and the seconds until it was healthy."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    began, url = time.monotonic(), f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "services.studio.main", "--port", port]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        while not _healthy(url):
            time.sleep(0.02)
        yield url, psutil.Process(process.pid), time.monotonic() - began
    finally:
        process.terminate()
        process.wait()


def _healthy(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(url + HEALTH, timeout=1).ok
    return False


def looked(browser: Browser, url: str, path: str) -> tuple[float, float]:
    """Seconds until a page has its first content, and until it is all there."""
    with browser.new_context(viewport=DESK) as context:  # type: ignore[arg-type]
        page, began = context.new_page(), time.monotonic()
        page.goto(f"{url}/{path}", wait_until="commit")
        first = page.wait_for_function(FIRST_CONTENT, polling="raf").json_value()
        settle(page)
        return float(first) / 1000, time.monotonic() - began


def share(process: psutil.Process) -> float:
    """Of a processor, over some seconds."""
    process.cpu_percent()
    time.sleep(IDLE_SECONDS)
    return float(process.cpu_percent()) / 100


def measured(browser: Browser, environment: Mapping[str, str]) -> tuple[Table, Table]:
    """Each page's times, and the process."""
    pages = Table("page", "first content, s", "from–to", "all of it, s", title=f"a look, median of {LOOKS}")
    starts = []
    for _ in range(STARTS - 1):
        with started(environment) as (_, _, seconds):
            starts.append(seconds)
    with started(environment) as (url, process, seconds):
        starts.append(seconds)
        fresh = process.memory_info().rss
        looked(browser, url, "")
        for path in PATHS:
            found = [looked(browser, url, path) for _ in range(LOOKS)]
            first = [each[0] for each in found]
            row = (
                f"{median(first):.2f}",
                f"{min(first):.2f}–{max(first):.2f}",
                f"{median(each[1] for each in found):.2f}",
            )
            pages.add_row(path or "loop", *row, style="" if median(first) <= MARK_SECONDS else "red")
        time.sleep(IDLE_SECONDS)
        alone = share(process)
        with browser.new_context(viewport=DESK) as context:  # type: ignore[arg-type]
            watched = _watching(context.new_page(), url, process)
        used = process.memory_info().rss
    return pages, _process(median(starts), fresh, used, alone, watched)


def _watching(page: Page, url: str, process: psutil.Process) -> float:
    page.goto(url)
    settle(page)
    return share(process)


def _process(start: float, fresh: int, used: int, alone: float, watched: float) -> Table:
    table = Table(show_header=False, title="the process")
    table.add_row("from its start to healthy", f"{start:.2f} s, median of {STARTS}")
    table.add_row("memory before anybody looked", f"{fresh / MIB:.0f} MiB")
    table.add_row(f"memory after {LOOKS * len(PATHS) + 2} looks", f"{used / MIB:.0f} MiB")
    table.add_row("processors while nobody looks", f"{alone:.3f}")
    table.add_row("processors while the loop is open in one browser", f"{watched:.3f}")
    return table


def main() -> None:
    """Print the tables."""
    console, path = Console(), chromium_path()
    if path is None:
        console.print("there is no Chromium on this machine, and nothing is measured of the studio")
        return
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as folder, turning(Path(folder), SCHEDULES) as loop:
        loop.turn()
        settings = {**loop.stack.plan.environment("studio"), "PYTHONPATH": str(ROOT)}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            console.print(*measured(browser, {**os.environ, **settings}))
            browser.close()


if __name__ == "__main__":
    main()
