{#-
    A bracketed search. It starts from the gamma approximation and steps by the exact tail, the exact chance of the next
    unit and its slope, as a rule once or twice; after twelve steps it halves the bracket, so it ends for any input.
    Cantelli's inequality gives the upper end. A level is reached when it is missed by less than rounding can explain:
    F(39) of 40 successes at one half is exactly 0.5, and no double.
-#}
{% macro lead_time_demand_quantile(p, demand_mean, demand_variance) -%}
list_transform([{
    'level': {{ open_fraction(p) }},
    'z': {{ normal_quantile(p) }},
    'mean': {{ non_negative(demand_mean) }},
    'variance': {{ non_negative(demand_variance) }}
}], lambda input: case
    when input.level is null or input.mean is null or input.variance is null then null
    when input.mean = 0 then 0e0
    else list_transform([{
        'z': input.z,
        'd': {{ count_distribution('input.mean', 'input.variance') }},
        'level': input.level,
        'beyond': 1e0 - input.level
    }], lambda search: list_transform([{
        'guess': ceil({{ gamma_quantile_guess('search.z', 'search.d') }}),
        'high': ceil(search.d.mean + sqrt(search.d.variance * search.level / search.beyond))
    }], lambda start: greatest(list_reduce(
        list_resize([{'k': least(greatest(start.guess, 0e0), start.high), 'low': -1e0, 'high': start.high}], 64),
        lambda state, ignored, step: case
            when state.high - state.low <= 1 then state
            else list_transform([{{ count_distribution_at('state.k', 'search.d') }}], lambda point: list_transform([{
                'missing': case
                    when state.k + 1 >= search.d.mean then point.tail - search.beyond * (1e0 + 1e-12) - 1.1e-16
                    else search.level * (1e0 - 1e-12) - point.tail
                end
            }], lambda gap: list_transform([{
                'low': case
                    when gap.missing > point.next then state.k + 1
                    when gap.missing > 0 then state.k
                    when gap.missing + point.probability > 0 then state.k - 1
                    else state.low
                end,
                'high': case
                    when gap.missing > point.next then state.high
                    when gap.missing > 0 then state.k + 1
                    when gap.missing + point.probability > 0 then state.k
                    else state.k - 1
                end,
                'newton': gap.missing / case when gap.missing > 0 then point.next else point.probability end,
                'slope': point.next / point.probability - 1
            }], lambda bracket: {
                'k': case
                    when step > 12 or not isfinite(bracket.newton) or not isfinite(bracket.slope)
                        then floor((bracket.low + bracket.high) / 2)
                    else least(greatest(
                        state.k + ceil(bracket.newton / greatest(1 + bracket.newton * bracket.slope / 2, 0.1e0)),
                        bracket.low + 1
                    ), bracket.high - 1)
                end,
                'low': bracket.low,
                'high': bracket.high
            })[1])[1])[1]
        end
    ).high, 0e0) + 0e0)[1])[1]
end)[1]
{%- endmacro %}
