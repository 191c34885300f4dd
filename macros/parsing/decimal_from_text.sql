{% macro decimal_from_text(text, type='decimal(18, 6)') -%}
{#- A cast to double would take the words NaN and infinity for numbers, one to decimal does not. -#}
try_cast(
    case
        when trim({{ text }}) in {{ missing_marks() }} then null
        else regexp_replace(replace(trim({{ text }}), ',', '.'), '^(-?)\.', '\10.')
    end as {{ 'decimal(18, 9)' if type == 'double' else type }}
){{ '::double' if type == 'double' }}
{%- endmacro %}
