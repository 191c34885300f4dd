-- One row per currency, bulletin and reading: every vintage stays. Times are Brasília's.
with

source as (

    select *
    from {{ source('bacen', 'ptax_quotes') }}

),

renamed as (

    select
        _dataset_id as series_id,

        coalesce(nullif(trim(tipoboletim), ''), 'Fechamento') as bulletin_type,
        {{ decimal_from_text('cotacaocompra') }} as buying_rate,
        {{ decimal_from_text('cotacaovenda') }} as selling_rate,
        {{ decimal_from_text('paridadecompra') }} as buying_parity,
        {{ decimal_from_text('paridadevenda') }} as selling_parity,

        -- two to six digits of a second, which the cast reads
        try_cast(datahoracotacao as timestamp)::date as quoted_on,
        try_cast(datahoracotacao as timestamp) at time zone 'America/Sao_Paulo' as quoted_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
