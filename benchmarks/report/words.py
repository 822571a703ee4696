"""How the report's numbers read."""

from __future__ import annotations

LIBRARIES = {
    "tvdrnet_nv": "tvdrnet_nv",
    "tvdrnet_nv, cuda": "tvdrnet_nv with nvdiffrast",
    "tvdrnet_nv, fused": "tvdrnet_nv fused",
    "pytorch3d": "PyTorch3D",
    "nvdiffrast by hand": "nvdiffrast by hand",
    "mitsuba": "Mitsuba 3",
    "llvmpipe": "llvmpipe",
}


def duration(seconds: float | None) -> str:
    """Three digits with the unit that suits: 12.3 ms, 4.56 s."""
    if seconds is None:
        return "–"
    for size, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{_three(seconds / size)} {unit}"
    return f"{_three(seconds * 1e6)} µs"


def round_duration(seconds: float) -> str:
    """A round number of seconds, as on an axis: 20 ms, 1 s, 100 s."""
    for size, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= size * (1 - 1e-9):
            return f"{seconds / size:g} {unit}"
    return f"{seconds * 1e6:g} µs"


def memory(mib: float | None) -> str:
    """In MiB, or from a thousand of them on in GiB."""
    if mib is None:
        return "–"
    return f"{mib:.0f} MiB" if mib < 1000 else f"{mib / 1024:.1f} GiB"


def factor(times: float | None) -> str:
    """How many times: 1,234×, 12.3×, 0.45×."""
    if times is None:
        return "–"
    return f"{times:,.0f}×" if times >= 100 else f"{times:.3g}×"


def share(value: float | None) -> str:
    """A share in per cent: 97.5 %."""
    return "–" if value is None else f"{100 * value:.4g} %"


def figure(value: object) -> str:
    """A cell: a number to four digits, anything else as it is."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def _three(value: float) -> str:
    return f"{value:.0f}" if value >= 99.95 else f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"
