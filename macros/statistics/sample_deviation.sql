{#- From exact decimal sums: the result does not depend on the order in which threads add. -#}
{% macro sample_deviation(total, total_of_squares, periods) -%}
case
    when ({{ periods }}) >= 2
        then sqrt({{ positive_part(
            '(' ~ total_of_squares ~ ')::double - (' ~ total ~ ')::double * (' ~ total ~ ')::double / ('
            ~ periods ~ ')::double'
        ) }} / (({{ periods }})::double - 1e0))
end
{%- endmacro %}
