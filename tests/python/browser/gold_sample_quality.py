"""Look-alike tables of the audit and of exceptions, as SQL; invented rows like those of ``gold_sample``."""

HOSTILE_SAMPLE = '[{"supplier_id": "<script>alert(1)</script>", "promised_lead_time_days": -12}]'

QUALITY = {
    "quality_scores": """
        select timestamptz '2026-11-18 05:00:00+00' + to_days(audit::integer) as audited_at,
               audit <> 1 as is_gate_passed, table_name, dimension,
               (weight - 3 * (audit = 1 and table_name = 'erp/suppliers')::integer
                - (audit = 2 and table_name = 'dim_items' and dimension = 'validity')::integer)::bigint
               as passed_weight,
               weight::bigint as judged_weight
        from range(3) as audits(audit)
        cross join (values ('erp/suppliers', 'validity', 9), ('dim_items', 'validity', 12),
                           ('dim_items', 'uniqueness', 6)) as tables(table_name, dimension, weight)""",
    "quality_expectations": f"""
        select timestamptz '2026-11-20 05:00:00+00' as audited_at, *
        from (values
            ('leaves', 'dim_items', 'Itens', 'rule 1', 'O custo mediano muda no máximo 25 %.', 'consistency',
             'warning', 'failed', 'cost_ratio 1.31', 1, 1, 'Reajuste em massa.', '[]'),
            ('arrives', 'erp/suppliers', 'Fornecedores', 'rule 2', 'O prazo prometido fica entre 0 e 365 dias.',
             'validity', 'blocking', 'failed', '', 1, 120, 'Sinal trocado.', '{HOSTILE_SAMPLE}'),
            ('arrives', 'erp/items', 'Itens', 'rule 3', 'Todo item tem nome.', 'completeness', 'blocking', 'passed',
             '', 0, 900, 'Cadastro salvo pela metade.', '[]'),
            ('arrives', 'erp/towers', 'Torres', 'rule 4', 'Há torres.', 'completeness', 'blocking', 'not_judged',
             '', 0, 0, 'Leitura parcial.', '[]'))
            as told(stage, table_name, table_title, rule, claim_text, dimension, severity, status, observed_text,
                    unexpected_count, element_count, cause_text, samples_text)""",
    "rpt_exceptions": """
        select exception_kind, entity_id, severity, since_on::date as since_on, seen_text, action_text, owner_name
        from (values
            ('stale_feed', 'erp.purchase_orders', 'high', '2026-11-09', 'Último dado há 19 dias.', 'Repetir a carga.',
             'TI'),
            ('class_changed', '000101 / L01', 'medium', '2026-11-01', 'Mudou de <b>B</b> para A.', '=1+1',
             'Planejamento'))
            as told(exception_kind, entity_id, severity, since_on, seen_text, action_text, owner_name)""",
}
