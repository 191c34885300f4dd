-- What one shared safety stock would save, most first; items without a saving are left out.
select *
from gold.pooling
where saving_brl > 0
order by saving_rank
