-- One row per version of a tower, half-open in time and in days, so that a demand line finds the stocking location that
-- served its tower on the day of the request.
{{ config(materialized='table') }}

{{ half_open_history(ref('snap_erp__towers'), 'tower_id') }}
