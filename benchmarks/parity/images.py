"""Images and gradients, ours against PyTorch3D's: `parity_rows`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from tvdrnet_nv.benchmarks.parity.cases import LOSSES, NAMES, Case, parity_cases, units
from tvdrnet_nv.benchmarks.parity.figures import compare
from tvdrnet_nv.benchmarks.parity.ours import Ours, as_image, matrices, pulled_back
from tvdrnet_nv.benchmarks.parity.source import Arrays, Source, as_source
from tvdrnet_nv.benchmarks.reference import Reference
from tvdrnet_nv.mesh import Mesh

FACES_LIMIT = 1e-3  # share of the pixels that may show another face
COLOR_MAX_LIMIT, COLOR_MEAN_LIMIT = 2e-3, 1e-5  # on the others
ROTATION_LIMIT = 1e-6  # |R - exact R|
COSINE_LIMIT, ERROR_LIMIT = 0.9999, 1e-3  # of gradients, on agreeing pixels

_Arguments = tuple[Case, str, np.ndarray | None, np.ndarray | None]  # case, loss, target, mask

_DRAWS = 4  # of vertices moved by their last bit


def parity_rows(
    source: Reference | Source, *, quick: bool, progress: Callable[[str], None] = lambda _: None
) -> Iterator[dict[str, Any]]:
    """Compare images and gradients over scenes, cameras, sizes and losses; one flat row per figure.

    `tvdrnet_nv.benchmarks.parity` describes the rows.

    Args:
        source: PyTorch3D, or the golden files, which hold the quick cases only.
        quick: few and small cases.
        progress: called with what is being worked on.
    """
    source = as_source(source)
    quick = source.quick(quick)
    for scene, mesh in source.scenes(quick):
        ours = Ours(mesh)
        for case in parity_cases(scene, mesh, quick):
            progress(f"parity: {scene}, {case.camera}, {case.height}x{case.width}")
            comparison = _Comparison(ours, case, source)
            yield comparison.rotation()
            yield from comparison.image()
            for loss in LOSSES:
                yield from comparison.gradients(loss)


class _Comparison:
    """One case: ours in float32 and float64, and the reference's answers."""

    def __init__(self, ours: Ours, case: Case, source: Source) -> None:
        self._ours, self._case = ours, case
        self._single = ours.render(case)
        self._double = ours.render(case, torch.float64)
        self._targets = {"heuristic": None, "mse": ours.target(case)}
        self._answer = source.answer(
            case.scene, f"parity.{case.camera}.{case.height}x{case.width}", ours.mesh, self._ask
        )

    def _ask(self, reference: Reference) -> Arrays:
        """All that this case needs from the reference, the pixels and the target that were compared included."""
        case = self._case
        options = {
            "scene": case.scene,
            "height": case.height,
            "width": case.width,
            "znear": case.znear,
            "zfar": case.far,
        }
        camera = {**matrices(case), "light": np.array(case.light, dtype=np.float32)}
        look_at = matrices(replace(case, matrices=False))
        answer = {f"look_at_{name}": array for name, array in reference.call("look_at", look_at).items()}
        images = reference.call("render", camera, **options)
        answer |= {"rgb": images["rgb"], "face_ids": images["face_ids"]}
        mask = self._same(images["face_ids"])
        answer |= {"mask": mask}
        for loss in LOSSES:
            given = camera
            target = self._targets[loss]
            if target is not None:
                answer[f"{loss}.target"] = target
                given = {**camera, "target": as_image(target).numpy()}
            masked = reference.call("gradients", {**given, "mask": mask}, **options, loss=loss)
            answer |= {f"{loss}.{name}": array for name, array in masked.items()}
            if not mask.all():
                whole = reference.call("gradients", given, **options, loss=loss, scene_too=False)
                answer |= {f"{loss}.all.{name}": array for name, array in whole.items()}
        return answer

    def _same(self, reference_ids: np.ndarray) -> np.ndarray:
        """[1, H, W]: where ours, in float32 and in float64, and the reference show the same face, or none."""
        single, double = self._single.face_ids.numpy(), self._double.face_ids.numpy()
        return (single == reference_ids) & (double == reference_ids)

    def _row(self, quantity: str, value: float, limit: float | None, **fields: Any) -> dict[str, Any]:
        case = self._case
        row = {
            "part": "parity",
            "scene": case.scene,
            "camera": case.camera,
            "elevation": case.elevation,
            "rotation_from": "ours" if case.matrices else "PyTorch3D",
            "height": case.height,
            "width": case.width,
            "faces": self._ours.mesh.num_faces,
            "loss": "",
            "quantity": quantity,
            "pixels": "",
            "value": value,
            "limit": limit,
            "cosine": None,
            "cosine_limit": None,
            "bias": None,
            "norm": None,
            "reference_norm": None,
            "ours_to_float64": None,
            "reference_to_float64": None,
            "float32_noise": None,
            "passed": limit is None or value <= limit,
            "note": "",
        }
        return row | fields

    def rotation(self) -> dict[str, Any]:
        """Our rotation, and PyTorch3D's, against the exact one."""
        case = self._case
        exact = case.look(case.leaves(torch.float64)).R.detach().numpy()
        ours = case.look(case.leaves(torch.float32)).R.detach().numpy()
        theirs = self._answer["look_at_R"].astype(np.float64)
        errors = [float(np.linalg.norm(R - exact)) for R in (ours, theirs)]
        note = ""
        if errors[1] > 1e-5:
            determinant = float(np.linalg.det(theirs[0]))
            note = f"PyTorch3D's look_at_view_transform is off by {errors[1]:.1e} here (determinant {determinant:.4f})"
            if abs(case.elevation) == 90:
                note += "; it has no rotation at a pole, so it got our matrices"
        fields = {"ours_to_float64": errors[0], "reference_to_float64": errors[1], "note": note}
        return self._row("rotation", errors[0], ROTATION_LIMIT, **fields)

    def image(self) -> Iterator[dict[str, Any]]:
        """Face ids, and the colours where they agree."""
        same = self._single.face_ids.numpy() == self._answer["face_ids"]
        yield self._row("face_ids", float((~same).mean()), FACES_LIMIT, pixels="all")
        off = np.abs(self._single.rgb.numpy() - self._answer["rgb"])[same]
        for quantity, value, limit in (
            ("color_max", float(off.max()), COLOR_MAX_LIMIT),
            ("color_mean", float(off.mean()), COLOR_MEAN_LIMIT),
        ):
            yield self._row(quantity, value, limit if self._judged else None, pixels="agreeing")

    @property
    def _judged(self) -> bool:
        """Whether colours and gradients must keep the limits.

        Next to a pole, PyTorch3D's own rotation differs from the exact one by more than they allow; the same camera
        with our matrices must keep them.
        """
        return self._case.matrices or not self._case.near_pole

    def gradients(self, loss: str) -> Iterator[dict[str, Any]]:
        """The loss's gradients by camera, vertices and colours."""
        case, ours = self._case, self._ours
        given = {name.removeprefix(f"{loss}."): a for name, a in self._answer.items() if name.startswith(f"{loss}.")}
        target, mask = given.get("target"), self._answer["mask"]
        arguments = case, loss, target, mask
        _, single = ours.camera_gradient(*arguments)
        _, double = ours.camera_gradient(*arguments, dtype=torch.float64)
        theirs, scale = pulled_back(case, given), units(ours.mesh)
        single, double, theirs = (gradient * scale for gradient in (single, double, theirs))

        judged = self._judged
        yield self._gradient_row("camera", loss, single, theirs, double=double, judged=judged, arguments=arguments)
        for name, columns in zip(NAMES, ([0], [1], [2], [3], [4, 5, 6]), strict=True):
            yield self._gradient_row(name, loss, single[columns], theirs[columns], double=double[columns])
        for name, gradient in ours.scene_gradient(*arguments).items():
            yield self._gradient_row(name, loss, gradient, given[name], judged=judged, arguments=arguments)
        whole = {name.removeprefix("all."): a for name, a in given.items() if name.startswith("all.")} or given
        _, single = ours.camera_gradient(case, loss, target)
        yield self._gradient_row("camera", loss, single * scale, pulled_back(case, whole) * scale, pixels="all")

    def _gradient_row(
        self,
        quantity: str,
        loss: str,
        have: Any,
        want: Any,
        *,
        double: torch.Tensor | None = None,
        judged: bool = False,
        arguments: _Arguments | None = None,
        pixels: str = "agreeing",
    ) -> dict[str, Any]:
        figures = compare(np.asarray(have), np.asarray(want))
        value = figures.pop("relative_error")
        fields: dict[str, Any] = {"loss": loss, "pixels": pixels, **figures}
        if double is not None:
            fields["ours_to_float64"] = compare(np.asarray(have), double.numpy())["relative_error"]
            fields["reference_to_float64"] = compare(np.asarray(want), double.numpy())["relative_error"]
        limit = ERROR_LIMIT if judged else None
        if judged:
            fields["cosine_limit"] = COSINE_LIMIT
            if value > ERROR_LIMIT and arguments is not None:
                noise = self._noise(quantity, arguments)
                limit = max(ERROR_LIMIT, 2 * noise)
                fields |= {
                    "float32_noise": noise,
                    "note": "the limit is twice the effect of a rounding error in the vertices",
                }
        row = self._row(quantity, value, limit, **fields)
        row["passed"] = limit is None or (value <= limit and row["cosine"] >= COSINE_LIMIT)
        return row

    def _noise(self, quantity: str, arguments: _Arguments) -> float:
        """How far the exact gradient moves, relatively, when the vertices move by their last bit in float32.

        No renderer that takes float32 can be expected to come closer than this: triangles much smaller than a pixel
        turn their vertices' last bit into the third digit of a gradient. The largest of a few random draws.
        """

        def gradient(ours: Ours) -> np.ndarray:
            if quantity == "camera":
                return (ours.camera_gradient(*arguments, dtype=torch.float64)[1] * units(self._ours.mesh)).numpy()
            return ours.scene_gradient(*arguments, dtype=torch.float64)[quantity].numpy()

        exact, found = gradient(self._ours), []
        for draw in range(_DRAWS):
            found.append(compare(gradient(Ours(_last_bit_moved(self._ours.mesh, draw))), exact)["relative_error"])
        return max(found)


def _last_bit_moved(mesh: Mesh, seed: int) -> Mesh:
    vertices = mesh.vertices.numpy()
    up = np.random.default_rng(seed).random(vertices.shape) < 0.5
    towards = np.where(up, np.float32(np.inf), np.float32(-np.inf))
    return replace(mesh, vertices=torch.from_numpy(np.nextafter(vertices, towards)))
