"""Wiring: what runs, in which order, when, and how an operator starts it.

Boundary: no parsing, no SQL, no arithmetic here. Extraction is in ``extractors``, transformation in the dbt project,
publication in ``publication``; this package only connects them.
"""
