"""The demonstration company: a generated ERP in a real PostgreSQL, and loopback servers that answer like the feeds.

Nothing here may be imported by the extractors, the models or the publication: they only see addresses.
"""
