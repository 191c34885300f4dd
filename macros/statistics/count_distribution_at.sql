{#-
    The chance of exactly k, of the next whole number, and of the tail on the far side of the mean: above k from the mean
    up, at most k below it. k and d are bare names: a whole number and a count_distribution.
    Loader's form: with r successes and n = r + k, the logarithm of the chance is made of two deviances and three errors of
    Stirling's formula, all of them small, where log-gammas would cancel ten digits.
-#}
{% macro count_distribution_at(k, d) -%}
list_transform([{
    'k': {{ k }},
    'r': {{ d }}.successes,
    'n': {{ d }}.successes + {{ k }},
    'expected_k': {{ d }}.rate + {{ d }}.q * {{ k }},
    'expected_r': ({{ d }}.successes + {{ k }}) * {{ d }}.p,
    'excess_k': {{ d }}.p * ({{ k }} - {{ d }}.mean),
    'excess_r': {{ d }}.p * ({{ d }}.mean - {{ k }})
}], lambda point: list_transform([{
    'chance': exp(
        case when point.k = 0 then 0e0
            else ({{ stirling_error('point.n') }}) - ({{ stirling_error('point.k') }}) - ({{ stirling_error('point.r') }})
        end
        - ({{ poisson_deviance('point.excess_k', 'point.k', 'point.expected_k') }})
        - ({{ poisson_deviance('point.excess_r', 'point.r', 'point.expected_r') }})
    ) * case when point.k = 0 then 1e0 else sqrt(point.r / point.n / point.k) * 0.3989422804014327e0 end
}], lambda found: {
    'probability': found.chance,
    'next': found.chance * point.expected_k / (point.k + 1),
    'tail': found.chance * point.expected_k / ({{ count_tail_fraction('point.k', d) }})
})[1])[1]
{%- endmacro %}
