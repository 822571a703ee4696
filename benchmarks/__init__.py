"""Benchmarks and the scenes they run on."""
