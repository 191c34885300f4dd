"""Loopback servers that answer like INMET, BACEN and ANATEL, from the same weather and economy that drive the company."""
