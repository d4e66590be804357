"""What has happened so far in; one screen that shows it out. Off a terminal, a line for each thing that happens."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from headrace.training.candidates import Progress

LINES = 16
REFRESH_PER_SECOND = 4


@dataclass
class Step:
    """One thing that took time."""

    title: str
    began: float
    ended: float | None = None

    @property
    def seconds(self) -> float:
        """So far, or in all."""
        return (self.ended or time.monotonic()) - self.began


@dataclass
class Screen:
    """The live picture: steps with their times, training jobs, the stream of events, the client that keeps calling.

    `studio` is where a browser shows the same.
    """

    console: Console
    began: float = field(default_factory=time.monotonic)
    steps: list[Step] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    jobs: Sequence[Progress] = ()
    client: Callable[[], str] = lambda: "not calling yet"
    studio: str = ""
    _live: Live | None = None

    def __enter__(self) -> "Screen":
        if self.console.is_terminal:
            self._live = Live(get_renderable=self._picture, console=self.console, refresh_per_second=REFRESH_PER_SECOND)
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.__exit__(kind, error, trace)

    def step(self, title: str) -> None:
        """The step before has ended; this one begins."""
        now = time.monotonic()
        if self.steps and self.steps[-1].ended is None:
            self.steps[-1].ended = now
        self.steps.append(Step(title, now))
        if not self._live:
            self.console.print(f"[bold]{now - self.began:6.1f} s  {title}[/]", soft_wrap=True)

    def done(self) -> None:
        """The last step has ended."""
        self.steps[-1].ended = time.monotonic()

    def say(self, line: str) -> None:
        """One more line in the stream."""
        stamped = f"{time.monotonic() - self.began:6.1f} s  {line}"
        self.lines.append(stamped)
        if not self._live:
            self.console.print(stamped, soft_wrap=True, highlight=False)

    def times(self) -> Table:
        """Every step with its seconds."""
        table = Table("step", "seconds", title="times")
        table.columns[1].justify = "right"
        for step in self.steps:
            table.add_row(step.title, f"{step.seconds:.1f}")
        table.add_section()
        table.add_row("the whole demo", f"{time.monotonic() - self.began:.1f}")
        return table

    def _picture(self) -> RenderableType:
        parts: list[RenderableType] = [Panel(self._steps(), title=f"headrace demo {self.studio}", title_align="left")]
        if self.jobs:
            parts.append(Panel(self._jobs(), title="training jobs", title_align="left"))
        stream = [Text.from_markup(line, overflow="ellipsis") for line in self.lines[-LINES:]]
        parts.append(Panel(Group(*stream), title="events", title_align="left"))
        parts.append(Panel(self.client(), title="a client that keeps calling", title_align="left"))
        return Group(*parts)

    def _steps(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for step in self.steps:
            mark = "[green]✓[/]" if step.ended else "[yellow]…[/]"
            table.add_row(mark, step.title, f"{step.seconds:.1f} s")
        return table

    def _jobs(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for job in self.jobs:
            table.add_row(job.candidate, ProgressBar(1.0, job.share, width=24), job.words)
        return table
