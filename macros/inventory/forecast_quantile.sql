{#- Linear between the published quantiles on the scale of standard normal deviates: a normal is a straight line. -#}
{% macro forecast_quantile(z, q50, q80, q90, q95, q98, q99) -%}
case
    when ({{ z }})::double is null or not ({{ z }})::double between 0 and 8 then null
    when ({{ z }})::double <= 0.8416212335729143e0 then
        ({{ q50 }})::double + (({{ q80 }})::double - ({{ q50 }})::double)
        * (({{ z }})::double - 0e0) / (0.8416212335729143e0 - 0e0)
    when ({{ z }})::double <= 1.2815515655446004e0 then
        ({{ q80 }})::double + (({{ q90 }})::double - ({{ q80 }})::double)
        * (({{ z }})::double - 0.8416212335729143e0) / (1.2815515655446004e0 - 0.8416212335729143e0)
    when ({{ z }})::double <= 1.6448536269514722e0 then
        ({{ q90 }})::double + (({{ q95 }})::double - ({{ q90 }})::double)
        * (({{ z }})::double - 1.2815515655446004e0) / (1.6448536269514722e0 - 1.2815515655446004e0)
    when ({{ z }})::double <= 2.0537489106318225e0 then
        ({{ q95 }})::double + (({{ q98 }})::double - ({{ q95 }})::double)
        * (({{ z }})::double - 1.6448536269514722e0) / (2.0537489106318225e0 - 1.6448536269514722e0)
    else
        ({{ q98 }})::double + (({{ q99 }})::double - ({{ q98 }})::double)
        * (({{ z }})::double - 2.0537489106318225e0) / (2.3263478740408408e0 - 2.0537489106318225e0)
end
{%- endmacro %}
