"""Speed: one step of the camera optimisation, ours and the rivals', interleaved in one run.

A row is a dict of plain values:

    axis                 what the case belongs to: "headline", "resolution", "triangles", "cameras", "batch",
                         "threads"
    scene, triangles     what is rendered
    resolution, cameras  the square images' side in pixels, and how many cameras a step is for
    threads              of the CPU
    what                 "step" (forward, loss, backward, update) or "forward" (the image alone)
    library              "tvdrnet_nv"; on a GPU our other backend there, as "tvdrnet_nv, fused"; "pytorch3d",
                         "nvdiffrast by hand", "mitsuba" or "llvmpipe"
    device               "cpu", or on a GPU the backend, "cuda" or "fused", with its number where one is named
    seconds              the median
    low, high            the first and the third quartile, seconds
    repeats              how many were timed
    memory_mib           the peak while it ran, less what was in use before it was set up; None where unknown
    times                seconds over ours in the same case: how many times faster ours is
    note                 why there are no seconds, otherwise ""
"""
