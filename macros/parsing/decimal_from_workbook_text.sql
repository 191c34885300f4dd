{% macro decimal_from_workbook_text(text, type='decimal(18, 3)') -%}
{%- set number = "trim(" ~ text ~ ")" -%}
try_cast(
    case
        -- a thousand and more to a Brazilian, a little above one to a machine
        when regexp_full_match({{ number }}, '[+-]?[1-9][0-9]{0,2}\.[0-9]{3}') then null
        when regexp_full_match(
            {{ number }}, '[+-]?[1-9][0-9]{0,2}((\.[0-9]{3}){1,3},[0-9]+|(\.[0-9]{3}){2,3})'
        ) then replace(replace({{ number }}, '.', ''), ',', '.')
        when regexp_full_match({{ number }}, '[+-]?[1-9][0-9]{0,2}(,[0-9]{3}){1,3}\.[0-9]+')
            then replace({{ number }}, ',', '')
        when regexp_full_match({{ number }}, '[+-]?([0-9]{1,12}([.,][0-9]+)?|[.,][0-9]+)')
            then regexp_replace(replace({{ number }}, ',', '.'), '^([+-]?)\.', '\10.')
    end as {{ type }}
)
{%- endmacro %}
