{% macro yes_or_no(text) -%}
case upper(strip_accents(trim({{ text }})))
    when 'SIM' then true
    when 'S' then true
    when 'NAO' then false
    when 'N' then false
end
{%- endmacro %}
