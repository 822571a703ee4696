"""The bar that `optimize(progress=True)` shows: in a terminal by rich, in a notebook as HTML."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.optimization.result import Progress

_EVERY = 0.1  # seconds between two changes of what is shown


Told = Callable[[Progress[Any]], bool | None]
"""What is told of each iteration, as `optimize`'s callback is."""


@contextmanager
def progress_bar(iterations: int, callback: Told | None = None) -> Iterator[Told]:
    """A bar of so many iterations at most, while the context is open; what it gives also calls the callback.

    Raises:
        InputError: in a terminal, where rich is not installed.
    """
    with _bar(iterations) as show:

        def told(step: Progress[Any]) -> bool | None:
            show(step)
            return None if callback is None else callback(step)

        yield told


@contextmanager
def _bar(iterations: int) -> Iterator[Callable[[Progress[Any]], None]]:
    if _in_notebook():
        with _notebook_bar(iterations) as bar:
            yield bar
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress
    except ModuleNotFoundError:
        raise InputError("progress=True needs rich; type: pip install 'tvdrnet_nv[cli]'") from None

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with RichProgress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("", total=iterations)
        done = 0

        def tell(step: Progress[Any]) -> None:
            nonlocal done
            done = step.iteration
            shown.update(task, completed=done, description=_words(step))

        yield tell
        shown.update(task, total=done, completed=done)  # a method that ends by itself has come to its end


@contextmanager
def _notebook_bar(iterations: int) -> Iterator[Callable[[Progress[Any]], None]]:
    """An element that is drawn again, without widgets."""
    from IPython.display import HTML, display  # pyright: ignore[reportMissingImports]

    handle: Any = display(HTML(_html(0, iterations, "starting")), display_id=True)
    last, shown = None, 0.0

    def tell(step: Progress[Any]) -> None:
        nonlocal last, shown
        last = step
        now = time.monotonic()
        if now - shown > _EVERY:
            shown = now
            handle.update(HTML(_html(step.iteration, iterations, _words(step))))

    yield tell
    if last is not None:
        handle.update(HTML(_html(last.iteration, last.iteration, f"{_words(last)}, {last.seconds:.1f} s")))


def _html(done: int, total: int, words: str) -> str:
    return f'<progress value="{done}" max="{max(total, 1)}"></progress> {done} of {total}: {escape(words)}'


def _words(step: Progress[Any]) -> str:
    return f"loss {step.loss:.4g}, best {step.best_loss:.4g}"


def _in_notebook() -> bool:
    """Whether a notebook's kernel runs this."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None
