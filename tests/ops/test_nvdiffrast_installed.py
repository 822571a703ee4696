"""Which nvdiffrast is used, and what is said where there is none, an old one, or two."""

from __future__ import annotations

import sys

import pytest

from tvdrnet_nv.ops import nvdiffrast
from tvdrnet_nv.ops.nvdiffrast import installed

RECOMMENDED = r"pip install --no-build-isolation git\+https://github.com/NVlabs/nvdiffrast.git@v0.4.0.*non-commercial"


def found(monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    monkeypatch.setattr(installed, "versions", lambda: {name.replace("_", "-"): v for name, v in versions.items()})
    monkeypatch.setattr(installed, "find_spec", lambda name: object())


@pytest.mark.parametrize(
    "versions", [{"nvdiffrast": "0.4.0"}, {"diffrp_nvdiffrast": "0.3.3.1"}, {"nvdiffrast": "0.10"}, {}]
)
def test_either_is_taken(monkeypatch, versions):
    found(monkeypatch, **versions)
    assert installed.why_unusable() is None


@pytest.mark.parametrize(
    ("versions", "sentence"),
    [
        (
            {"nvdiffrast": "0.4.0", "diffrp_nvdiffrast": "0.3.3.1"},
            "nvdiffrast 0.4.0 and diffrp-nvdiffrast 0.3.3.1 are installed, one over the other; "
            f"pip uninstall nvdiffrast diffrp-nvdiffrast, and then .*{RECOMMENDED}",
        ),
        ({"nvdiffrast": "0.3.1"}, f"nvdiffrast 0.3.1 is older than 0.3.3; pip uninstall nvdiffrast, .*{RECOMMENDED}"),
    ],
)
def test_what_cannot_be_used_is_named_with_what_to_do(monkeypatch, versions, sentence):
    found(monkeypatch, **versions)
    with pytest.raises(RuntimeError, match=sentence) as refused:
        nvdiffrast.load()
    assert "\n" not in str(refused.value)


def test_a_missing_nvdiffrast_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "nvdiffrast", None)
    monkeypatch.setitem(sys.modules, "nvdiffrast.torch", None)
    with pytest.raises(RuntimeError, match=f"nvdiffrast is not installed; .*{RECOMMENDED}"):
        nvdiffrast.load()
