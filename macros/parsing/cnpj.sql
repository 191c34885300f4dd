{% macro cnpj(text) -%}
{%- set bare = "upper(regexp_replace(" ~ text ~ ", '[\\s./-]', '', 'g'))" -%}
case when regexp_full_match({{ bare }}, '[0-9A-Z]{12}[0-9]{2}') then {{ bare }} end
{%- endmacro %}
