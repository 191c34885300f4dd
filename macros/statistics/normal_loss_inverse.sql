{#-
    Newton on ln G, which is concave and nearly straight in each tail. Three starts: -k above 3, where G(k) is -k to three
    digits; the rational function of Silver, Pyke & Thomas; and below 1e-5, where that one ends, the asymptote
    ln G = -k^2 / 2 - ln(sqrt(2 pi) k^2), solved in two rounds.
-#}
{% macro normal_loss_inverse(x) -%}
{%- set root = 'sqrt(ln(25e0) - 2e0 * ln(loss))' -%}
{%- set density = '(-2e0 * ln(loss * 2.5066282746310002e0))' -%}
list_transform([case when ({{ x }})::double >= 1e-200 then {{ finite_number(x) }} end], lambda loss: case
    when loss is not null then list_reduce(
        list_resize([case
            when loss > 3 then -loss
            when loss < 1e-5 then sqrt({{ density }} - 2e0 * ln({{ density }}))
            else {{ polynomial(root, ['1.0897299e0', '-3.8836830e0', '5.6211054e0', '-5.3925569e0']) }}
                / {{ polynomial(root, [
                    '-0.00329129114e0', '0.0669136868e0', '0.507326622e0', '-0.72496485e0', '1e0'
                ]) }}
        end], 5),
        lambda k, ignored: list_transform([{{ normal_loss('k') }}], lambda reached:
            k + reached * ln(reached / loss) / ({{ normal_cdf('-k') }}))[1]
    )
end)[1]
{%- endmacro %}
