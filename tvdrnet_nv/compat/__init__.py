"""Façades with other libraries' names: code written for those runs on this package."""
