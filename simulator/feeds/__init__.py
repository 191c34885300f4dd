"""Loopback servers that answer like INMET, BACEN and ANATEL, from the weather and economy that drive the company."""
