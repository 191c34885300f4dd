{#- What Stirling's formula leaves out of ln x!: the series from 16 up, the definition below. x is a bare name. -#}
{% macro stirling_error(x) -%}
case
    when {{ x }} >= 16e0 then {{ polynomial('(1e0 / (' ~ x ~ ' * ' ~ x ~ '))', [
        '-1.917526917526918e-3', '8.417508417508418e-4', '-5.952380952380952e-4', '7.936507936507937e-4',
        '-2.777777777777778e-3', '8.333333333333333e-2']) }} / {{ x }}
    else lgamma({{ x }} + 1e0) - ({{ x }} + 0.5e0) * ln({{ x }}) + {{ x }} - 0.9189385332046727e0
end
{%- endmacro %}
