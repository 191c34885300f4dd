-- One row per version of one of the suppliers, half-open in time and in days; a deletion is a version of its own, so
-- that what once existed keeps its name.
{{ config(materialized='table') }}

{{ half_open_history(ref('snap_erp__suppliers'), 'supplier_id') }}
