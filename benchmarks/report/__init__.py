"""A benchmark run as a person reads it: tables in the terminal, plots, one HTML page, the README's table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tvdrnet_nv.atomic import staged_folder
from tvdrnet_nv.benchmarks.report.page import write_page
from tvdrnet_nv.benchmarks.report.plots import write_plots
from tvdrnet_nv.benchmarks.report.sheets import sheets
from tvdrnet_nv.benchmarks.results import Results
from tvdrnet_nv.report.pictures import Panel

__all__ = ["sheets", "write_report"]


def write_report(out: Path, results: Results, pictures: Callable[[], Sequence[Panel]] | None = None) -> list[Path]:
    """Write results.json, a CSV for each section, the plots and index.html into `out`, all of them or none.

    Args:
        out: the folder.
        results: what the run found.
        pictures: makes those of what it ran on, for the page. Where they cannot be drawn, the page says why.

    Returns:
        The files, results.json first.

    Raises:
        InputError: `out` is a file or cannot be written.
    """
    with staged_folder(out) as folder:
        files = results.write(folder)
        plots = write_plots(results, folder)
        files += [*plots, write_page(results, plots, folder, pictures)]
    return [Path(out) / file.name for file in files]
