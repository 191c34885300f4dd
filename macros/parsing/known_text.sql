{% macro known_text(text) -%}
case
    when upper(strip_accents(trim({{ text }}))) in
        ('', '-', 'NA', 'N/A', '#N/A', 'NULL', '/////', 'NAO IDENTIFICADA', 'NAO IDENTIFICADO', 'NAO INFORMADO') then null
    else trim({{ text }})
end
{%- endmacro %}
