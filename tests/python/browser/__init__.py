"""Tests that open the built report in a real browser."""
