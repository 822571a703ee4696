"""Pages that hold all they show: one HTML file, which no network and no other file is needed to read."""

from __future__ import annotations

from tvdrnet_nv.report.page.run import PAGE_FILE, Shown, write_run_page
from tvdrnet_nv.report.page.views import write_views_page

__all__ = ["PAGE_FILE", "Shown", "write_run_page", "write_views_page"]
