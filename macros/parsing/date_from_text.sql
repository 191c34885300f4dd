{% macro date_from_text(text) -%}
try_strptime(left(trim({{ text }}), 10), ['%Y-%m-%d', '%Y/%m/%d', '%d/%m/%Y'])::date
{%- endmacro %}
