"""`pytorch3d.vis`: scenes as plots that can be turned, through plotly, which the extra `plots` brings along."""

from tvdrnet_nv.compat.pytorch3d.vis.plotly_vis import get_camera_wireframe, plot_batch_individually, plot_scene

__all__ = ["get_camera_wireframe", "plot_batch_individually", "plot_scene"]
