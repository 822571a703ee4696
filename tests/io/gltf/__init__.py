"""Tests of glTF files."""
