{% macro normal_cdf(z) -%}
{%- set x = 'abs((' ~ z ~ ')::double)' -%}
{%- set density = 'exp(-' ~ x ~ ' * ' ~ x ~ ' / 2e0)' -%}
{%- set upper_tail -%}
case
    when {{ x }} > 37e0 then 0e0
    when {{ x }} < 7.07106781186547e0 then
        {{ density }} * {{ polynomial(x, [
            '3.52624965998911e-2', '0.700383064443688e0', '6.37396220353165e0', '33.912866078383e0',
            '112.079291497871e0', '221.213596169931e0', '220.206867912376e0']) }}
        / {{ polynomial(x, [
            '8.83883476483184e-2', '1.75566716318264e0', '16.064177579207e0', '86.7807322029461e0',
            '296.564248779674e0', '637.333633378831e0', '793.826512519948e0', '440.413735824752e0']) }}
    else
        {{ density }}
        / ({{ x }} + 1e0 / ({{ x }} + 2e0 / ({{ x }} + 3e0 / ({{ x }} + 4e0 / ({{ x }} + 0.65e0)))))
        / 2.506628274631000502e0
end
{%- endset -%}
case
    when ({{ z }})::double is null or isnan(({{ z }})::double) then null
    when ({{ z }})::double > 0 then 1e0 - {{ upper_tail }}
    else {{ upper_tail }}
end
{%- endmacro %}
