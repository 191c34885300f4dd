{#-
    The negative binomial with the given mean and variance, by the parameters that its Poisson limit keeps finite: p = mean /
    variance, q = 1 - p, rate = successes times q. In the limit the number of successes is infinite; 1e300 stands for it,
    which no count is visible beside. `terms` of the continued fraction are enough for 14 digits. Arguments are bare names;
    the mean is above zero.
-#}
{% macro count_distribution(mean, variance) -%}
list_transform([{'mean': {{ mean }}, 'excess': greatest({{ variance }} - {{ mean }}, 0e0)}], lambda moments: {
    'mean': moments.mean,
    'variance': moments.mean + moments.excess,
    'p': moments.mean / (moments.mean + moments.excess),
    'q': moments.excess / (moments.mean + moments.excess),
    'rate': moments.mean * (moments.mean / (moments.mean + moments.excess)),
    'successes': case
        when moments.excess > 0 then least(greatest(moments.mean * (moments.mean / moments.excess), 1e-300), 1e300)
        else 1e300
    end,
    'terms': floor(least(
        6 + 9 * (
            cbrt(moments.mean * (moments.mean / (moments.mean + moments.excess)))
            + sqrt(moments.excess / moments.mean)
        ),
        5000e0
    ))
})[1]
{%- endmacro %}
