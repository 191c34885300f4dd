-- Normal quantile and distribution at published values and at their edges. The dense comparison is a Python test.
with

cases as (

    {%- set cases = [
        ('z(0.95) is one-sided', normal_quantile(0.95), '1.6448536269514722e0'),
        ('z(0.975)', normal_quantile(0.975), '1.959963984540054e0'),
        ('z(0.5)', normal_quantile(0.5), '0'),
        ('z(0.05) is the mirror', normal_quantile(0.05), '-1.6448536269514722e0'),
        ('edge of the central branch, z(0.925)', normal_quantile(0.925), '1.4395314709384563e0'),
        ('middle branch, z(0.999)', normal_quantile(0.999), '3.090232306167813e0'),
        ('tail branch, z(1e-12)', normal_quantile('1e-12'), '-7.034483825301132e0'),
        ('z(0)', normal_quantile(0), 'null'),
        ('z(1)', normal_quantile(1), 'null'),
        ('z(95)', normal_quantile(95), 'null'),
        ('z(-0.1)', normal_quantile(-0.1), 'null'),
        ('z(null)', normal_quantile('null'), 'null'),
        ('z(not a number)', normal_quantile("'nan'"), 'null'),

        ('P(0)', normal_cdf(0), '0.5'),
        ('P(1.6449)', normal_cdf('1.6448536269514722e0'), '0.95'),
        ('P(-1.6449)', normal_cdf('-1.6448536269514722e0'), '0.05'),
        ('far tail, P(-8)', normal_cdf(-8), '6.220960574271785e-16'),
        ('P(40)', normal_cdf(40), '1'),
        ('P(-40)', normal_cdf(-40), '0'),
        ('P(infinity)', normal_cdf("'infinity'"), '1'),
        ('P(null)', normal_cdf('null'), 'null'),
        ('P(not a number)', normal_cdf("'nan'"), 'null'),
    ] %}
    {%- for name, actual, expected in cases %}
    select
        '{{ name }}' as case_name,
        ({{ actual }})::double as actual,
        ({{ expected }})::double as expected
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

)

select *
from cases
where
    (actual is null) <> (expected is null)
    or abs(actual - expected) > 1e-13
