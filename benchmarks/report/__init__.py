"""A benchmark run as a person reads it: tables in the terminal, plots, one HTML page, the README's table."""

from __future__ import annotations

from pathlib import Path

from tvdrnet_nv.atomic import staged_folder
from tvdrnet_nv.benchmarks.report.page import write_page
from tvdrnet_nv.benchmarks.report.plots import write_plots
from tvdrnet_nv.benchmarks.report.tables import tables
from tvdrnet_nv.benchmarks.results import Results

__all__ = ["tables", "write_report"]


def write_report(out: Path, results: Results) -> list[Path]:
    """Write results.json, a CSV for each section, the plots and index.html into `out`, all of them or none.

    Returns:
        The files, results.json first.

    Raises:
        InputError: `out` is a file or cannot be written.
    """
    with staged_folder(out) as folder:
        files = results.write(folder)
        plots = write_plots(results, folder)
        files += [*plots, write_page(results, plots, folder)]
    return [Path(out) / file.name for file in files]
