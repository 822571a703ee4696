"""The running optimisation, as a person sees it."""

from __future__ import annotations

from types import TracebackType

from rich.columns import Columns
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from tvdrnet_nv.cli._spelled import spelled
from tvdrnet_nv.optimization import Progress as Step
from tvdrnet_nv.report.text import camera_fields, number


class OptimizationProgress:
    """A callback for `optimize`: a bar and the current values on a terminal, a line now and then anywhere else."""

    def __init__(self, console: Console, iterations: int, *, fov: bool) -> None:
        self._console = console
        self._fov = fov
        self._every = max(1, iterations // 10)
        self._bar = Progress(
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]} it/s", style="cyan"),
            TimeRemainingColumn(),
            console=console,
            expand=True,
        )
        self._task = self._bar.add_task("", total=iterations, rate="-")
        self._values = [Text(spelled("starting …", console.encoding), style="dim")]
        self._live: Live | None = None
        if console.is_terminal and not console.is_dumb_terminal and not console.quiet:
            self._live = Live(console=console, refresh_per_second=8, get_renderable=self._render, transient=True)

    def __enter__(self) -> OptimizationProgress:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, step: Step) -> None:
        rate = step.iteration / step.seconds if step.seconds > 0 else 0.0
        if self._live:
            self._bar.update(self._task, completed=step.iteration, rate=f"{rate:.3g}")
            self._values = self._fields(step)
        elif not self._console.quiet and (step.iteration == 1 or step.iteration % self._every == 0):
            left = (step.iterations - step.iteration) / rate if rate else 0.0
            head = f"{step.iteration:{len(str(step.iterations))}}/{step.iterations}   "
            tail = f"   {rate:.3g} it/s   {left:.0f} s left"
            self._console.print(Text.assemble(head, Text("   ").join(self._fields(step)), tail), soft_wrap=True)

    def _render(self) -> Group:
        # Columns, as they break between fields and never within one, however narrow the terminal.
        return Group(self._bar, Columns(self._values, padding=(0, 3)))

    def _fields(self, step: Step) -> list[Text]:
        fields = camera_fields(step.viewpoint, fov=self._fov)
        camera = [Text(spelled(field, self._console.encoding), "cyan") for field in fields]
        return [Text(f"loss {number(step.loss)}"), Text(f"best {number(step.best_loss)}", "green"), *camera]
