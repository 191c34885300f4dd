"""Extractors: one module per source that fetches, parses and lands its feeds in the bronze lake.

They know HTTP, SQL and Parquet and nothing of the orchestrator. Pure parse functions take bytes (or a file,
for what is larger than memory) and give Arrow tables or raise `FeedContractError`; reading and writing
stand at the edges. Business rules do not belong here: values stay as the source sent them.
"""
