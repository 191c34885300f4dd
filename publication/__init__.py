"""Gold: versions of the marts that readers may rely on, and the pointer that says which one is current.

Boundary: this package moves finished Parquet files. It computes no figure, opens no warehouse and knows nothing of
Dagster. What it publishes was built and tested by dbt before.
"""
