"""docs/architecture.md draws what is there: the layers of the import contracts, and the repository's folders."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def modules(line: str) -> set[str]:
    """The names in "report | mapping"."""
    return {name.strip() for name in line.split("|")}


def test_the_page_draws_the_layers_that_the_contracts_hold() -> None:
    drawn = re.search(r"```layers\n(.*?)```", PAGE, re.DOTALL)
    assert drawn is not None
    names = [re.split(r"\s{2,}", line.strip())[0] for line in drawn[1].splitlines()]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = next(contract for contract in settings["contracts"] if contract["type"] == "layers")
    assert layers["exhaustive"]
    assert [modules(line) for line in names] == [modules(line) for line in layers["layers"]]


def test_only_ops_may_import_kernels() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers, forbidden = settings["contracts"]
    everything = set().union(*(modules(line) for line in layers["layers"]))
    below = {"kernels", "atomic", "errors", "choices", "defaults", "surface_points", "showing", "kept"}
    sources = {module.removeprefix("tvdrnet_nv.") for module in forbidden["source_modules"]}
    assert sources == everything - below - {"ops"}
    assert forbidden["forbidden_modules"] == ["tvdrnet_nv.kernels"]


def test_every_folder_that_the_page_names_is_there_and_every_package_is_named() -> None:
    table = PAGE.split("## Folders")[1].split("## ")[0]
    named = set(re.findall(r"^\| `([^`]+)/` \|", table, re.MULTILINE))
    missing = [name for name in named if not (ROOT / name).is_dir()]
    assert not missing
    packages = [path for path in (ROOT / "tvdrnet_nv").iterdir() if (path / "__init__.py").is_file()]
    unnamed = [p.name for p in packages if not p.is_symlink() and f"tvdrnet_nv/{p.name}" not in named]
    assert not unnamed


def test_every_file_that_the_page_and_the_recipes_name_is_there() -> None:
    recipes = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for text in (PAGE, recipes):
        paths = re.findall(r"`((?:tvdrnet_nv|cli|kernels|benchmarks|tests|docs|examples)/[\w/.-]+\.\w+)`", text)
        assert paths
        to_write = re.compile(r"your_|NAME|FOLDER")
        missing = [path for path in paths if not (ROOT / path).exists() and not to_write.search(path)]
        assert not missing
