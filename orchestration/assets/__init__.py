"""Assets by stage: bronze, warehouse, gold, report."""
