{#-
    The continued fraction of Didonato & Morris for the incomplete beta function, from its last term inwards, in the
    parameters that stay finite in the Poisson limit. The side of the mean decides which of the two tails converges.
    k and d are bare names.
-#}
{% macro count_tail_fraction(k, d) -%}
list_transform([case
    when {{ k }} + 1 >= {{ d }}.mean then {
        'a': {{ k }} + 1,
        'x': {{ d }}.q,
        'ay': ({{ k }} + 1) * {{ d }}.p,
        'bx': {{ d }}.rate,
        'cx': {{ d }}.rate + {{ d }}.q * {{ k }},
        'terms': {{ d }}.terms
    }
    else {
        'a': {{ d }}.successes,
        'x': {{ d }}.p,
        'ay': {{ d }}.rate,
        'bx': ({{ k }} + 1) * {{ d }}.p,
        'cx': ({{ d }}.successes + {{ k }}) * {{ d }}.p,
        'terms': least({{ d }}.terms, {{ k }} + 1)
    }
end], lambda side: list_reduce(
    range(side.terms::bigint, 0, -1)::double[],
    lambda deeper, j:
        (j - 1) * (1 + (side.bx - (j - 1) * side.x) / greatest(side.a + 2 * j - 3, 1e0))
        + (side.a + j - 1) / (side.a + 2 * j - 1) * (
            side.ay - side.bx + 1 + (j - 1) * (2 - side.x)
            + (side.cx + side.x * j) / (side.a + 2 * j - 1) * (side.bx - j * side.x) * j / deeper
        ),
    2 * side.terms + 1
))[1]
{%- endmacro %}
