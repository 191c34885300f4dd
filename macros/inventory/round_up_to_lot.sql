{% macro round_up_to_lot(quantity, minimum_order, pack_size) -%}
{%- set pack = 'coalesce(nullif(' ~ non_negative(pack_size) ~ ', 0), 1e0)' -%}
case
    when {{ non_negative(quantity) }} > 0 then
{#- six decimals before the ceiling: a quotient of 3.0000000000000004 is three packs #}
        ceil(round(
            greatest({{ non_negative(quantity) }}, coalesce({{ non_negative(minimum_order) }}, 0e0)) / {{ pack }}, 6
        )) * {{ pack }}
    else {{ non_negative(quantity) }}
end
{%- endmacro %}
