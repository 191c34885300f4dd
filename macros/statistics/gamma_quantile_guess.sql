{#-
    Wilson-Hilferty on the gamma distribution with the first three moments of the count, less half a unit for the step from
    whole numbers. Half the skewness in units of the deviation is (2 variance / mean - 1) / 2. d is the bare name of a
    count_distribution.
-#}
{% macro gamma_quantile_guess(z, d) -%}
{%- set skew = '(2 * ' ~ d ~ '.variance / ' ~ d ~ '.mean - 1)' -%}
{{ d }}.mean - 0.5e0 + 2 * {{ d }}.variance / {{ skew }} * (power(greatest(
    1 + {{ skew }} / sqrt({{ d }}.variance) * {{ z }} / 6 - {{ skew }} * {{ skew }} / {{ d }}.variance / 36, 0e0
), 3) - 1)
{%- endmacro %}
