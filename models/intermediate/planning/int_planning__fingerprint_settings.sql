-- One row: a fingerprint of every setting that policy parameters depend on. Parameters of all days are computed anew
-- when a planner changes one, so that the past can be judged under the settings of today.
with

{% set seeds = ['policy_settings', 'policy_segments', 'policy_criticality_weights', 'policy_overrides'] -%}
{% for seed in seeds %}
{{ seed }} as (

    select *
    from {{ ref(seed) }}

),

{% endfor %}
setting_rows as (

    {% for seed in seeds %}
    select '{{ seed }}' || {{ seed }}::varchar as row_text
    from {{ seed }}
    {{- '\n    union all' if not loop.last }}
    {% endfor %}
)

select md5(string_agg(row_text, '|' order by row_text)) as policy_version
from setting_rows
