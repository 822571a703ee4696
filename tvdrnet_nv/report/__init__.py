"""Pictures and files for people: what an optimisation leaves behind, series of views, facts about a scene."""

from __future__ import annotations

from tvdrnet_nv.atomic import check_writable, staged_folder
from tvdrnet_nv.report.animation import write_gif, write_mp4
from tvdrnet_nv.report.brightness import brightness_note
from tvdrnet_nv.report.focus import FocusReport, SentenceReport, focus_facts, focus_fields, highlighted
from tvdrnet_nv.report.loss_plot import preload
from tvdrnet_nv.report.marks import MARKS_FILE, Marked, coco_marks
from tvdrnet_nv.report.mesh_facts import mesh_facts
from tvdrnet_nv.report.optimization import report_files, write_report
from tvdrnet_nv.report.params import camera_matrices, optimized_params, versions
from tvdrnet_nv.report.pictures import write_png
from tvdrnet_nv.report.record import Record
from tvdrnet_nv.report.render_command import render_command
from tvdrnet_nv.report.scene_facts import scene_facts
from tvdrnet_nv.report.view_checks import view_warnings
from tvdrnet_nv.report.view_set import view_set_facts, view_set_files, write_view_set
from tvdrnet_nv.report.views import render_views, to_uint8, turntable, view_grid

__all__ = [
    "MARKS_FILE",
    "FocusReport",
    "Marked",
    "Record",
    "SentenceReport",
    "brightness_note",
    "camera_matrices",
    "check_writable",
    "coco_marks",
    "focus_facts",
    "focus_fields",
    "highlighted",
    "mesh_facts",
    "optimized_params",
    "preload",
    "render_command",
    "render_views",
    "report_files",
    "scene_facts",
    "staged_folder",
    "to_uint8",
    "turntable",
    "versions",
    "view_grid",
    "view_set_facts",
    "view_set_files",
    "view_warnings",
    "write_gif",
    "write_mp4",
    "write_png",
    "write_report",
    "write_view_set",
]
