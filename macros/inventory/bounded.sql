{#- least and greatest skip NULL; a quantity that is not known has no bound to fall back on. -#}
{% macro bounded(quantity, lower, upper) -%}
case
    when ({{ quantity }}) is not null and ({{ lower }}) is not null and ({{ upper }}) is not null
        then least(greatest({{ quantity }}, {{ lower }}), {{ upper }})
end
{%- endmacro %}
