"""Parity with PyTorch3D: images, gradients, whole optimisations, and whose gradients are right at silhouettes.

    with Reference(python) as reference:          # or Golden(): what PyTorch3D answered to the quick cases once
        for row in parity_rows(reference, quick=True):
            print(row["scene"], row["camera"], row["quantity"], row["value"], row["limit"], row["passed"])

Each row is one flat dict of Python values. `None` stands where a field has no meaning, and floats may be infinite.

Fields of every row:

| field | meaning |
| --- | --- |
| part | "parity", "trajectory" or "truth" |
| scene, camera | which of `cases.py`; vertex colours throughout, as in TVDRNet |
| height, width, faces | pixels, and the scene's triangles |
| loss | "heuristic" (TVDRNet's), "mse" (to another view), "coverage" (alpha's mean), or "" for images |
| quantity | what was compared: the tables below |
| value | the figure that is judged: smaller is better |
| limit | what `value` must not exceed; None: the row is information, and passes |
| passed | whether every limit of the row is kept |
| note | what one should know, or "" |

"Where the faces agree" is where ours, in float32 and in float64, and PyTorch3D's show the same face, or none; a loss's
other pixels count as background on both sides. Gradients are compared in radii of the scene and in radians, so that
lengths and angles weigh alike. "camera" is the vector of all seven: distance, elevation, azimuth, fov and `at`'s three.

`parity_rows`: the same image and the same gradient?

| quantity | value | limit |
| --- | --- | --- |
| rotation | norm of our rotation's difference from the exact one; PyTorch3D's in `reference_to_float64` | 1e-6 |
| face_ids | share of the pixels that show another face | 1e-3 |
| color_max, color_mean | largest and mean difference of RGB, where the faces agree | 2e-3, 1e-5 |
| camera, vertices, colors | relative error of the loss's gradient, where they agree (`pixels` = "agreeing") | 1e-3 |
| distance, elevation, azimuth, fov, at | the same for one parameter by itself | – |
| camera, `pixels` = "all" | the same without a mask | – |

More fields: `elevation`; `rotation_from`, "PyTorch3D" (its look_at_view_transform) or "ours" (PyTorch3D was given our
matrices); `cosine` of the gradients, at least `cosine_limit` = 0.9999; `bias`, by how much ours is too long along
PyTorch3D's; `norm`, `reference_norm`; `ours_to_float64`, `reference_to_float64`, how far each is from our gradient in
float64: whose error it is.

Two things float32 does not allow, and what is done about them:

- Close to a pole, PyTorch3D's look_at_view_transform loses digits, and at ±90° its result has an arbitrary roll or is
  no rotation at all ("rotation" rows say how far it is off). With its own rotation such cameras are information; the
  same cameras with our matrices ("…-matrices") must keep the limits.
- Where 1e-3 is missed, `float32_noise` is measured: how far the float64 gradient moves when every vertex moves by its
  last bit in float32, the largest of four draws. The limit is then twice that, if that is more. It happens on a real
  scan's triangles that are much smaller than a pixel; none of the scenes made by code needs it.

`trajectory_rows`: the same optimisation? TVDRNet's recipe (its network, Adam, hard visibility) for 50 iterations on
both, from the same weights and start.

| field | meaning |
| --- | --- |
| value | distance between the two ends, relative to the end's own length, (distance, elevation, azimuth); limit 1e-3 |
| first, largest | the same at the first iteration, and the largest on the way |
| travelled, of_travelled | length of PyTorch3D's path, relative to the end; and how far apart, relative to that path |
| distance_apart, elevation_apart, azimuth_apart | scene units and degrees |
| loss_end, reference_loss_end | the last losses |
| reference_to_itself | how far PyTorch3D's run ends from its own, started with the last bit of one parameter raised |

Hard visibility jumps, so two runs that differ by a rounding error may part at a silhouette. Where 1e-3 is missed,
`reference_to_itself` is measured, the largest of three, and the limit is twice that, if that is more.

`truth_rows`: whose gradient is right? Against differences of supersampled float64 renders (`truth.py`), on scenes full
of silhouettes. The rivals are "ours" (antialiased), "ours_hard", "pytorch3d_hard" (HardPhongShader), "pytorch3d_soft"
(SoftPhongShader; SoftSilhouetteShader for "coverage").

| field | meaning |
| --- | --- |
| value | our relative error, `ours_error`; on "camera" rows less than `limit`, the smaller one of PyTorch3D's two |
| truth_norm, truth_error | the true gradient's length, and its own relative error |
| RIVAL_error, RIVAL_cosine, RIVAL_ratio | relative error, cosine, and length relative to the truth's |
| void | why the row counts for nothing (PyTorch3D's CUDA rasterizer ran out of space for faces), or ""; fails then |

Not compared: textures (PyTorch3D has no mip levels), shadows and other shaders, which TVDRNet does not use.
"""

from tvdrnet_nv.benchmarks.parity.images import parity_rows
from tvdrnet_nv.benchmarks.parity.record import make_golden
from tvdrnet_nv.benchmarks.parity.source import GOLDEN, Golden
from tvdrnet_nv.benchmarks.parity.trajectory import trajectory_rows
from tvdrnet_nv.benchmarks.parity.truth import truth_rows

__all__ = ["GOLDEN", "Golden", "make_golden", "parity_rows", "trajectory_rows", "truth_rows"]
