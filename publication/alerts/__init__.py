"""Tells the right people about the right items: conditions, what changed since they were last told, and messages.

Reads published gold and what a run reported; writes only below ``alerts/`` in the lake and to the channels.
"""
