"""A scene in the browser: its cameras, and optimisations that are started by clicks, sentences and pictures.

`Session` is the scene and what is done with it; it knows of no browser. `page` puts it on viser's page.
"""

from tvdrnet_nv.viewer.view_job import ViewJob

__all__ = ["ViewJob"]
