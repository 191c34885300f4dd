{#-
    Mirrored at zero, G(-k) = k + G(k), so no digits are lost on the negative side. From 3 up the difference of the
    definition cancels: there the continued fraction of the repeated integrals, w = G / Q = 1 / (k + 2 / (k + 3 / ...)),
    gives G = density w / (k + w).
-#}
{% macro normal_loss(k) -%}
{%- set ratio = namespace(sql='1e0') -%}
{%- for term in range(40, 0, -1) -%}
{%- set ratio.sql = term ~ 'e0 / (a + ' ~ ratio.sql ~ ')' -%}
{%- endfor -%}
list_transform([{{ finite_number(k) }}], lambda k: greatest(-k, 0e0) + list_transform([abs(k)], lambda a: case
    when a < 3e0 then exp(-a * a / 2e0) * 0.3989422804014327e0 - a * ({{ normal_cdf('-a') }})
    else exp(-a * a / 2e0) * 0.3989422804014327e0 / (1e0 + a / ({{ ratio.sql }}))
end)[1])[1]
{%- endmacro %}
