{% macro operator_spelling(name) -%}
trim(regexp_replace(
    trim(regexp_replace(regexp_replace(upper(strip_accents({{ name }})), '[^A-Z0-9+&]', ' ', 'g'), ' +', ' ', 'g')) || ' ',
    '( S A| SA| LTDA| ME| EPP| EIRELI)+ $', ''
))
{%- endmacro %}
