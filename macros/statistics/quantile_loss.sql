{% macro quantile_loss(actual, q50, q80, q90, q95, q98, q99) -%}
({{ pinball_loss(actual, q50, 0.5) }}
+ {{ pinball_loss(actual, q80, 0.8) }}
+ {{ pinball_loss(actual, q90, 0.9) }}
+ {{ pinball_loss(actual, q95, 0.95) }}
+ {{ pinball_loss(actual, q98, 0.98) }}
+ {{ pinball_loss(actual, q99, 0.99) }}) / 6
{%- endmacro %}
