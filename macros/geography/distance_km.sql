{% macro distance_km(latitude, longitude, other_latitude, other_longitude) -%}
{#- least() passes over NULL, and without it an antipode's rounding error would leave the domain of asin. -#}
case
    when {{ latitude }} + {{ longitude }} + {{ other_latitude }} + {{ other_longitude }} is not null then
        12742.0176 * asin(
            least(
                1.0,
                sqrt(
                    pow(sin(radians({{ other_latitude }} - {{ latitude }}) / 2), 2)
                    + cos(radians({{ latitude }})) * cos(radians({{ other_latitude }}))
                    * pow(sin(radians({{ other_longitude }} - {{ longitude }}) / 2), 2)
                )
            )
        )
end
{%- endmacro %}
