-- One row per currency and bulletin: its newest reading. Times are Brasília's.
with

source as (

    select *
    from {{ source('bacen', 'ptax_quotes') }}

),

renamed as (

    select
        -- the dataset of closings alone is ptax.USD.fechamento
        regexp_extract(_dataset_id, '^ptax\.[A-Z]+') as series_id,

        -- CotacaoDolarPeriodo holds the official closing only and has no column that says so
        coalesce(nullif(trim(tipoboletim), ''), 'Fechamento PTAX') as bulletin_type,
        {{ decimal_from_text('cotacaocompra') }} as buying_rate_brl,
        {{ decimal_from_text('cotacaovenda') }} as selling_rate_brl,
        {{ decimal_from_text('paridadecompra') }} as buying_parity,
        {{ decimal_from_text('paridadevenda') }} as selling_parity,

        -- two to six digits of a second, which the cast reads
        try_cast(datahoracotacao as timestamp)::date as quoted_on,
        try_cast(datahoracotacao as timestamp) at time zone 'America/Sao_Paulo' as quoted_at,
        _extracted_at as extracted_at
    from source

),

-- a bulletin that stands in two replies of one reading counts once
readings as (

    select
        series_id,
        bulletin_type,
        quoted_on,
        quoted_at,
        extracted_at,
        max(buying_rate_brl) as buying_rate_brl,
        max(selling_rate_brl) as selling_rate_brl,
        max(buying_parity) as buying_parity,
        max(selling_parity) as selling_parity
    from renamed
    where quoted_at is not null
    group by series_id, bulletin_type, quoted_on, quoted_at, extracted_at

)

select
    series_id,

    bulletin_type,
    buying_rate_brl,
    selling_rate_brl,
    buying_parity,
    selling_parity,

    bulletin_type like 'Fechamento%' as is_closing,
    coalesce(buying_rate_brl > selling_rate_brl, false) as is_crossed,

    quoted_on,
    quoted_at,
    extracted_at
from readings
where {{ latest_per_key('readings', 'series_id, bulletin_type, quoted_at', 'extracted_at') }}
