-- One row per version of an item, half-open in time (valid_from inclusive, valid_to exclusive) and in days: the last
-- version of a day stands for the day. The first version is open to the beginning of time.
{{ config(materialized='table') }}

{{ half_open_history(ref('snap_erp__items'), 'item_id') }}
