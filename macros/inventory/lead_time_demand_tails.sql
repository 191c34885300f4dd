{#- Both tails at one look: the smaller is computed, so neither loses digits, and the other is what it leaves of 1. -#}
{% macro lead_time_demand_tails(demand, demand_mean, demand_variance) -%}
list_transform([{
    'k': floor({{ finite_number(demand) }}),
    'mean': {{ non_negative(demand_mean) }},
    'variance': {{ non_negative(demand_variance) }}
}], lambda input: case
    when input.k is null or input.mean is null or input.variance is null then null
    when input.k < 0 then {'at_most': 0e0, 'above': 1e0}
    when input.mean = 0 then {'at_most': 1e0, 'above': 0e0}
    else list_transform([{
        'k': input.k,
        'd': {{ count_distribution('input.mean', 'input.variance') }}
    }], lambda search: list_transform([{{ count_distribution_at('search.k', 'search.d') }}], lambda point: case
        when search.k + 1 >= search.d.mean
            then {'at_most': 1e0 - point.tail, 'above': point.tail}
        else {'at_most': point.tail, 'above': 1e0 - point.tail}
    end)[1])[1]
end)[1]
{%- endmacro %}
