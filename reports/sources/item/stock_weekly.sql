-- Item x location x week, one year back: stock at the close of every seventh day, the last one being the latest.
select
    stock.item_id,
    stock.location_id,
    stock.stock_on::varchar as stock_on,
    stock.on_hand_units::double as on_hand_units
from gold.fact_inventory as stock
cross join gold.publication
where
    stock.stock_on > publication.as_of_on - 53 * 7
    and (publication.as_of_on - stock.stock_on) % 7 = 0
    and stock.item_id in (select plan.item_id from gold.rpt_replenishment as plan)
order by stock.item_id, stock.location_id, stock.stock_on
