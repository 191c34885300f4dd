-- Each formula on values that can be checked by hand, then zero, NULL, invalid and extreme input. A changed operator,
-- exponent or argument order in a macro shows here; longer tables, and the proof, are Python tests.
-- Tolerance: one unit in the ninth significant digit.
with

cases as (

    {%- set cases = [
        ('demand over 16 days: 10 x 16', demand_mean_over(10, 16), '160'),
        ('demand over 16 days and one of review: 10 x 17', demand_mean_over(10, 16, 1), '170'),
        ('no lead time is valid', demand_mean_over(10, 0), '0'),
        ('negative lead time is invalid', demand_mean_over(10, -1), 'null'),
        ('negative demand is invalid', demand_mean_over(-10, 16), 'null'),
        ('unknown demand stays unknown', demand_mean_over('null', 16), 'null'),
        ('infinite demand is invalid', demand_mean_over("'infinity'", 16), 'null'),
        ('not a number is invalid', demand_mean_over("'nan'", 16), 'null'),

        ('King: sqrt(16 x 9)', demand_std_over(10, 3, 16), '12'),
        ('King: sqrt(16 x 9 + 100 x 4)', demand_std_over(10, 3, 16, 2), 'sqrt(544e0)'),
        ('King: sqrt(17 x 9 + 100 x 4), the review period does not multiply the lead-time part',
            demand_std_over(10, 3, 16, 2, 1), 'sqrt(553e0)'),
        ('constant demand, certain lead time', demand_std_over(10, 0, 16, 0), '0'),
        ('constant demand, uncertain lead time: 10 x 2', demand_std_over(10, 0, 16, 2), '20'),
        ('no lead time', demand_std_over(10, 3, 0), '0'),
        ('unknown deviation of the lead time', demand_std_over(10, 3, 16, 'null'), 'null'),
        ('negative deviation of the lead time', demand_std_over(10, 3, 16, -2), 'null'),
        ('negative deviation of demand', demand_std_over(10, -3, 16), 'null'),
        ('negative review period', demand_std_over(10, 3, 16, 0, -1), 'null'),

        ('the median of a forecast', forecast_quantile(0, 100, 109, 114, 120, 123, 126), '100'),
        ('half-way from z = 0.8416 to 1.2816', forecast_quantile('(0.8416212335729143e0 + 1.2815515655446004e0) / 2',
            100, 109, 114, 120, 123, 126), '111.5'),
        ('at a published level', forecast_quantile(1.6448536269514722, 100, 109, 114, 120, 123, 126), '120'),
        ('beyond 99 % along the last stretch: 126 + 3', forecast_quantile(
            '2 * 2.3263478740408408e0 - 2.0537489106318225e0', 100, 109, 114, 120, 123, 126), '129'),
        ('below the median nothing is known', forecast_quantile(-0.1, 100, 109, 114, 120, 123, 126), 'null'),
        ('unknown level of a forecast', forecast_quantile('null', 100, 109, 114, 120, 123, 126), 'null'),
        ('a missing neighbour', forecast_quantile(1, 100, 109, 'null', 120, 123, 126), 'null'),
        ('a normal forecast gives what King gives', forecast_reorder_point(
            170, '170 + 1.6448536269514722e0 * sqrt(153e0)', 1, 0, 400, 1.6448536269514722),
            '170 + 1.6448536269514722e0 * sqrt(553e0)'),
        ('a horizon of twice the days: half the mean, half the variance', forecast_reorder_point(
            340, '340 + 1.6448536269514722e0 * sqrt(306e0)', 2, 5, 400, 1.6448536269514722),
            '175 + 1.6448536269514722e0 * sqrt(553e0)'),
        ('a quantile below the mean asks for no safety of its own', forecast_reorder_point(10, 8, 1, 0, 4, 1), '12'),
        ('no horizon', forecast_reorder_point(10, 12, 0, 0, 4, 1), 'null'),
        ('negative forecast', forecast_reorder_point(-10, 12, 1, 0, 4, 1), 'null'),
        ('unknown variance of the lead time', forecast_reorder_point(10, 12, 1, 0, 'null', 1), 'null'),

        ('safety stock at 95 %: 1.6449 x 12', safety_stock(10, 16, 3), '1.6448536269514722e0 * 12'),
        ('safety stock at 98 %: 2.0537 x 12', safety_stock(10, 16, 3, 0.98), '2.0537489106318225e0 * 12'),
        ('safety stock with an uncertain lead time', safety_stock(10, 16, 3, 0.95, 2, 1),
            '1.6448536269514722e0 * sqrt(553e0)'),
        ('half the cycles may stock out: none is needed', safety_stock(10, 16, 3, 0.5), '0'),
        ('the raw value is negative below one half', safety_stock(10, 16, 3, 0.05), '-1.6448536269514722e0 * 12'),
        ('a level of 95 is a percentage, not a fraction', safety_stock(10, 16, 3, 95), 'null'),
        ('a level of one would take infinite stock', safety_stock(10, 16, 3, 1), 'null'),
        ('a level of zero', safety_stock(10, 16, 3, 0), 'null'),
        ('unknown level', safety_stock(10, 16, 3, 'null'), 'null'),
        ('no deviation', safety_stock(10, 16, 0), '0'),

        ('reorder point: 160 + 1.6449 x 12', reorder_point(10, 16, 3), '160 + 1.6448536269514722e0 * 12'),
        ('reorder point with review and uncertain lead time', reorder_point(10, 16, 3, 0.95, 2, 1),
            '170 + 1.6448536269514722e0 * sqrt(553e0)'),
        ('no demand', reorder_point(0, 16, 0), '0'),
        ('unknown lead time', reorder_point(10, 'null', 3), 'null'),
        ('a million a day', reorder_point(1000000, 365, 1000000), '365e6 + 1.6448536269514722e0 * 1e6 * sqrt(365e0)'),

        ('legacy: 160 + 1.96 x 3 x 4', legacy_reorder_point(10, 16, 3), '160 + 23.52'),
        ('legacy, no lead time', legacy_reorder_point(10, 0, 3), '0'),
        ('legacy, negative lead time', legacy_reorder_point(10, -16, 3), 'null'),
        ('legacy, unknown deviation', legacy_reorder_point(10, 16, 'null'), 'null'),

        ('Harris: sqrt(2 x 1000 x 60 / 3)', economic_order_quantity(1000, 60, 3), '200'),
        ('no demand, no lot', economic_order_quantity(0, 60, 3), '0'),
        ('nothing to hold: the lot would be infinite', economic_order_quantity(1000, 60, 0), 'null'),
        ('negative holding cost', economic_order_quantity(1000, 60, -3), 'null'),
        ('negative demand', economic_order_quantity(-1000, 60, 3), 'null'),
        ('negative order cost', economic_order_quantity(1000, -60, 3), 'null'),
        ('unknown cost', economic_order_quantity(1000, 60, 'null'), 'null'),

        ('17 in packs of 5', round_up_to_lot(17, 1, 5), '20'),
        ('exactly four packs', round_up_to_lot(20, 1, 5), '20'),
        ('the minimum order is a pack and a half', round_up_to_lot(2, 15, 10), '20'),
        ('no pack size: whole units', round_up_to_lot(2.1, 0, 'null'), '3'),
        ('a pack of zero is no pack', round_up_to_lot(2.1, 0, 0), '3'),
        ('half-metre packs', round_up_to_lot(2.1, 0, 0.5), '2.5'),
        ('three packs of a third, in binary', round_up_to_lot('0.1e0 + 0.2e0', 0, 0.1), '0.3'),
        ('nothing to order', round_up_to_lot(0, 10, 5), '0'),
        ('unknown quantity', round_up_to_lot('null', 10, 5), 'null'),
        ('negative quantity', round_up_to_lot(-1, 10, 5), 'null'),

        ('inside the bounds', bounded(5, 1, 9), '5'),
        ('below the bounds', bounded(0, 1, 9), '1'),
        ('above the bounds', bounded(10, 1, 9), '9'),
        ('unknown has no bound to fall back on', bounded('null', 1, 9), 'null'),

        ('Poisson of mean 2: F(4) = 0.9473, F(5) = 0.9834', lead_time_demand_quantile(0.98, 2, 2), '5'),
        ('four successes at one half: 6 / 2^5', lead_time_demand_cdf(1, 4, 8), '0.1875'),
        ('one success at one half, more than three failures: 1 / 2^4', stockout_probability(3, 1, 2), '0.0625'),
        ('constant demand needs no safety factor', fill_rate_safety_factor(0.99, 200, 0), '0'),
        ('at the mean: 3 x 0.3989', expected_shortage(10, 10, 3), '3 * 0.3989422804014327e0'),
        ('B2: 1 - 0.25 x 40 x 30 x 2 / (100 x 60 x 4)', cost_based_service_level(0.25, 40, 30, 2, 100, 60, 4), '0.975'),
        ('sizes 1 and 3: 5 / 4', undershoot_mean(2, 5), '1.25'),
        ('sizes 1 and 3: 14 / 6 - 25 / 16', undershoot_variance(2, 5, 14), '14e0 / 6 - 25e0 / 16'),
        ('ten units at four a day', days_of_cover(10, 4), '2.5'),
        ('four locations: 1.6449 x 4 x sqrt(4 x 9)', pooling_safety_stock(0.95, 3, 16, 4), '1.6448536269514722e0 * 24'),
        ('a cut belongs to the upper side', "(" ~ demand_class(1.32, 0.49, 2) ~ ") = 'lumpy'", 'true'),
        ('eighty per cent are already held', "(" ~ abc_class(0.8, 1) ~ ") = 'B'", 'true'),
        ('a cut belongs to the lower side', "(" ~ xyz_class(0.5) ~ ") = 'X'", 'true'),

        ('deviation of 2, 4, 4, 4, 5, 5, 7, 9: sqrt(32 / 7)', sample_deviation(40, 232, 8), 'sqrt(32e0 / 7)'),
        ('deviation of equal values', sample_deviation(30, 300, 3), '0'),
        ('one value has no deviation', sample_deviation(5, 25, 1), 'null'),
        ('unknown period', sample_deviation(5, 25, 'null'), 'null'),
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
    or abs(actual - expected) > 1e-9 * greatest(1, abs(expected))
