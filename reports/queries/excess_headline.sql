-- The big numbers of the page about excess, one row. Values that are not known are counted, never guessed.
select
    count(*) as lines,
    sum(excess_value_brl) as excess_value_brl,
    count(*) filter (where excess_value_brl is null) as unknown_lines,
    count(*) filter (where is_obsolete) as obsolete_lines,
    sum(stock_value_brl) filter (where is_obsolete) as obsolete_value_brl,
    count(*) filter (where transfer_units > 0) as transfer_lines,
    sum(transfer_value_brl) filter (where transfer_units > 0) as transfer_value_brl,
    count(*) filter (where on_order_units > 0) as on_order_lines,
    sum(on_order_value_brl) filter (where on_order_units > 0) as on_order_value_brl
from gold.excess
