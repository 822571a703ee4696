"""The notebooks: they run from the first cell to the last on small inputs, and are kept without outputs."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "notebooks"
SMALL = {
    "camera_of_a_photograph": {"TRIANGLES": 40_000},
    "mask_from_views": {"TRIANGLES": 8000, "SIZE": 64, "VIEWS": 3},
    "views_by_text": {"TRIANGLES": 8000, "SIZE": 48, "VIEWS": 2},
}
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_every_notebook_is_run() -> None:
    assert [path.stem for path in NOTEBOOKS] == sorted(SMALL)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = read(path)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    for cell in cells:
        ast.parse(source(cell))
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    parameters = [source(cell) for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    assert len(parameters) == 1
    for name in SMALL[path.stem]:
        assert re.search(rf"^{name} = ", parameters[0], re.MULTILINE), name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, tmp_path: Path) -> None:
    why = "NOTEBOOKS WERE NOT RUN: nbclient and ipykernel are not installed; type: pip install 'tvdrnet_nv[notebooks]'"
    nbclient = pytest.importorskip("nbclient", reason=why)
    pytest.importorskip("ipykernel", reason=why)
    nbformat = pytest.importorskip("nbformat", reason=why)
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            for name, value in SMALL[path.stem].items():
                cell.source = re.sub(rf"^{name} = \S+", f"{name} = {value}", cell.source, flags=re.MULTILINE)
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    # Meshes, renders and results are shown as pictures.
    shown = [output.data.get("text/html", "") for output in outputs if output.output_type == "execute_result"]
    assert sum("<img" in html for html in shown) >= 3
