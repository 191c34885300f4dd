{#-
    x ln(x / m) + m - x from the difference x - m, which the caller knows without cancellation. The series is Loader's.
    The arguments must be bare names: each is written many times.
-#}
{% macro poisson_deviance(difference, x, m) -%}
{%- set v = '(' ~ difference ~ ' / (' ~ x ~ ' + ' ~ m ~ '))' -%}
case
    when {{ x }} = 0 then {{ m }}
    when abs({{ difference }}) >= 0.1e0 * ({{ x }} + {{ m }}) then {{ x }} * ln({{ x }} / {{ m }}) - {{ difference }}
    else {{ difference }} * {{ v }} + 2e0 * {{ x }} * {{ v }} * {{ v }} * {{ v }} * {{
        polynomial('(' ~ v ~ ' * ' ~ v ~ ')', [
            '6.666666666666667e-2', '7.692307692307693e-2', '9.090909090909091e-2',
            '0.1111111111111111e0', '0.14285714285714285e0', '0.2e0', '0.3333333333333333e0'])
    }}
end
{%- endmacro %}
