{% macro municipality_code(code) -%}
{%- set digits = "trim(" ~ code ~ ")" -%}
{#- IBGE's check digit: weights 1 2 1 2 1 2 with the digits of a product added, complement to ten. Nine codes were
    issued with another digit and stay as they are. -#}
case
    when regexp_full_match({{ digits }}, '[1-5][0-9]{6}') then {{ digits }}
    when {{ digits }} in (
        '220191', '220198', '220225', '261153', '311783', '315213', '430587', '520393', '520396'
    ) then
        {{ digits }} || case {{ digits }}
            when '220191' then '9' when '220198' then '8' when '220225' then '1' when '261153' then '3'
            when '311783' then '6' when '315213' then '1' when '430587' then '1' when '520393' then '9' else '2'
        end
    when regexp_full_match({{ digits }}, '[1-5][0-9]{5}') then
        {{ digits }} || ((10 - (
{%- for position in [1, 3, 5] %}
{{ digits }}[{{ position }}]::integer +
{%- endfor %}
{%- for position in [2, 4, 6] %}
            ({{ digits }}[{{ position }}]::integer * 2) // 10 + ({{ digits }}[{{ position }}]::integer * 2) % 10
{{- ' +' if not loop.last }}
{%- endfor %}
        ) % 10) % 10)::varchar
end
{%- endmacro %}
