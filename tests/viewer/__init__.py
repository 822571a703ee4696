"""Tests of the viewer in the browser."""
