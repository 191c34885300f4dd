{% macro date_from_workbook_text(text) -%}
{%- set day = "trim(" ~ text ~ ")" -%}
case
    when regexp_full_match({{ day }}, '[0-9]{4}(-[0-9]{2}-|/[0-9]{2}/)[0-9]{2}([ T].*)?')
        then try_strptime(replace(left({{ day }}, 10), '/', '-'), '%Y-%m-%d')::date
    when regexp_full_match({{ day }}, '[0-9]{1,2}(/[0-9]{1,2}/|-[0-9]{1,2}-|\.[0-9]{1,2}\.)[0-9]{4}( .*)?')
        then try_strptime(
            regexp_replace(split_part({{ day }}, ' ', 1), '[-.]', '/', 'g'), '%d/%m/%Y'
        )::date
    -- the days that Excel has counted since the end of 1899
    when regexp_full_match({{ day }}, '[0-9]{5}([.,][0-9]+)?')
        then date '1899-12-30' + left({{ day }}, 5)::integer
end
{%- endmacro %}
