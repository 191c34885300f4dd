{#-
    A forecast covers days, not the uncertain lead time: what the lead time and the undershoot add to the variance is
    added in quadrature to the safety that the forecast's own quantile asks for.
-#}
{% macro forecast_reorder_point(forecast_mean, forecast_quantile, horizon_ratio, undershoot_mean, other_variance, z) -%}
(
    {{ non_negative(forecast_mean) }} / nullif({{ non_negative(horizon_ratio) }}, 0) + {{ non_negative(undershoot_mean) }}
    + sqrt(
        power(case
            when {{ non_negative(forecast_quantile) }} >= {{ non_negative(forecast_mean) }}
                then {{ non_negative(forecast_quantile) }} - {{ non_negative(forecast_mean) }}
            when {{ non_negative(forecast_quantile) }} < {{ non_negative(forecast_mean) }} then 0
        end, 2)
        / nullif({{ non_negative(horizon_ratio) }}, 0)
        + power({{ z }}, 2) * {{ non_negative(other_variance) }}
    )
)
{%- endmacro %}
