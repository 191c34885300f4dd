"""The audit of what arrives (bronze) and of what leaves (the gold candidate), with history, by Great Expectations.

dbt's tests guard structure and relations of models; they are not repeated here. Nothing here writes bronze or gold, and
only `quality.validate` and `quality.worker` may import Great Expectations: it takes seconds and 250 MB.
"""
