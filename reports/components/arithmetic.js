// The arithmetic of one decision, step by step, for the policy in force: formula, its numbers, and the result of gold.
// Only what gold does not publish on its own is worked out here: sums of two columns, and the lot before its bounds.

import { UNKNOWN, formatCount, formatMoney, formatNumber, formatRate, formatShare, formatUnits, labelOf } from './format.js';

const isKnown = (value) => value !== null && value !== undefined;
const n = (value, digits = 1) => formatNumber(value, digits);
// Small means and variances would all be 0 with one decimal.
const m = (value) => (isKnown(value) && Math.abs(value) < 10 ? formatRate(value) : n(value));

// 5 − (−2), never 5 − -2.
const inner = (value) => (value < 0 ? `(${n(value)})` : n(value));

/** What keeps the reorder point from being computed, as a sentence; undefined where nothing does. */
export function missingInputs(p) {
	if (p.status === 'no_demand' || isKnown(p.reorder_point_units)) return undefined;
	const inputs = (p.invalid_reason ?? '').split(', ').filter(Boolean);
	const named = inputs.map((input) => labelOf('invalidReason', input)).join(', ');
	return `Ponto de pedido não calculado${named ? `: falta ${named}` : ''}. Conferir o cadastro do item.`;
}

/** @returns {{ term: string, symbol: string, numbers: string, result: string, name?: string, raw?: number, note?: string,
 *   isWarning?: boolean }[]} */
export function decisionSteps(p, item) {
	if (p.status === 'no_demand' || !isKnown(p.reorder_point_units)) return [];
	const unit = item.unit_code ?? '';
	const isComputed = isKnown(p.computed_reorder_point_units);
	return [
		...(isComputed ? [...protectionSteps(p, unit), ...lotSteps(p, unit), ...levelSteps(p), ...pointSteps(p, unit)] : []),
		...decidedSteps(p, unit),
		...orderSteps(p, unit)
	];
}

/** What the reorder point must cover: interval, mean and variance. Rules in days of cover and the old formula ask less. */
function protectionSteps(p, unit) {
	if (p.policy === 'min_max' || p.policy === 'legacy') return [];
	const tau = p.lead_time_mean_days + p.review_period_days;
	const hasUndershoot = p.undershoot_mean_units > 0 || p.undershoot_variance_units > 0;
	const hasSwing = p.swing_variance_units > 0;
	return [
		{
			term: 'Intervalo de proteção',
			symbol: 'τ = L + R',
			numbers: `${n(p.lead_time_mean_days)} dias de reposição + ${formatCount(p.review_period_days, 'dia', 'dias')} entre revisões`,
			result: `${n(tau)} dias`,
			note: `Reposição medida em ${labelOf('leadTimeSource', p.lead_time_source)}${
				p.lead_time_receipts_count ? ` (${formatCount(p.lead_time_receipts_count, 'recebimento', 'recebimentos')})` : ''
			}, desvio ${n(p.lead_time_std_days)} dias.`
		},
		{
			term: 'Demanda esperada no intervalo',
			symbol: hasUndershoot ? 'μ = d · τ + u' : 'μ = d · τ',
			numbers: `${formatRate(p.demand_mean_units_per_day)} por dia × ${n(tau)} dias${hasUndershoot ? ` + ${m(p.undershoot_mean_units)}` : ''}`,
			result: `${m(p.protection_mean_units)} ${unit}`.trim(),
			name: 'protection_mean_units',
			raw: p.protection_mean_units,
			note: `Média de ${formatCount(p.demand_history_days, 'dia', 'dias')} de história.${
				hasUndershoot ? ' u: o que uma requisição de várias unidades tira abaixo do ponto antes do pedido.' : ''
			}`
		},
		{
			term: 'Variância da demanda no intervalo',
			symbol: `v = τ · σ² + d² · σL²${hasSwing ? ' + vm' : ''}${hasUndershoot ? ' + vu' : ''}`,
			numbers: `${n(tau)} × ${formatRate(p.demand_std_units_per_day)}² + ${formatRate(p.demand_mean_units_per_day)}² × ${n(
				p.lead_time_std_days
			)}²${hasSwing ? ` + ${m(p.swing_variance_units)}` : ''}${hasUndershoot ? ` + ${m(p.undershoot_variance_units)}` : ''}`,
			result: m(p.protection_variance_units),
			name: 'protection_variance_units',
			raw: p.protection_variance_units,
			note: `σ: desvio da demanda por dia; σL: desvio da reposição em dias${
				hasSwing ? '; vm: meses bons e maus' : ''
			}${hasUndershoot ? '; vu: tamanho das requisições' : ''}.`
		}
	];
}

/** Economic lot, its bounds, then minimum order and pack. The cost-based level needs it, so it comes first. */
function lotSteps(p, unit) {
	if (p.policy === 'min_max' || !isKnown(p.computed_order_quantity_units)) return [];
	const raw = Math.sqrt((2 * p.annual_demand_units * p.order_cost_brl) / (p.holding_rate_per_year * p.unit_cost_brl));
	const isBounded = Math.abs(raw - p.lot_bounded_units) > 1e-6 * raw;
	return [
		{
			term: 'Lote de compra',
			symbol: 'Q = √(2 · D · A ÷ (h · c))',
			numbers: `√(2 × ${m(p.annual_demand_units)} por ano × ${formatMoney(p.order_cost_brl)} ÷ (${formatShare(
				p.holding_rate_per_year
			)} × ${formatMoney(p.unit_cost_brl)})) = ${m(raw)}${isBounded ? `, limitado a ${m(p.lot_bounded_units)}` : ''}`,
			result: formatUnits(p.computed_order_quantity_units, unit),
			name: 'computed_order_quantity_units',
			raw: p.computed_order_quantity_units,
			note: `A: custo de um pedido; h: custo de guardar por ano; c: custo do item.${
				isBounded ? ' Limitado aos dias de demanda que um pedido pode cobrir.' : ''
			} Arredondado para o lote mínimo de ${n(p.minimum_order_units)} e a embalagem de ${n(p.pack_size_units)}.`
		}
	];
}

/** The chance of not running short that the policy asks for, and where it comes from. */
function levelSteps(p) {
	const result = { result: formatShare(p.service_level, 2), name: 'service_level', raw: p.service_level };
	if (p.policy === 'cost_based') {
		const bound = p.service_level <= 0.5 ? 'no piso de 50 %' : p.service_level >= 0.999 ? 'no teto de 99,9 %' : '';
		return [
			{
				term: 'Nível de serviço',
				symbol: 'p = 1 − h · c · Q · ℓ ÷ (D · B · w)',
				numbers: `1 − ${formatShare(p.holding_rate_per_year)} × ${formatMoney(p.unit_cost_brl)} × ${n(
					p.computed_order_quantity_units
				)} × ${n(p.units_per_line, 2)} ÷ (${m(p.annual_demand_units)} × ${formatMoney(p.stocked_out_line_cost_brl)} × ${n(
					p.criticality_weight
				)})`,
				...result,
				note: `Onde guardar mais uma unidade custa o mesmo que a falta que ela evita. ℓ: unidades por requisição; D: demanda por ano; B: custo de uma requisição sem estoque; w: peso da criticidade.${
					bound ? ` Fica ${bound}.` : ''
				}`
			}
		];
	}
	if (p.policy === 'cycle_service') {
		return [
			{
				term: 'Nível de serviço',
				symbol: 'p fixo para a classe e a criticidade',
				numbers: 'definido na política',
				...result,
				note: 'A chance de não faltar até o pedido chegar.'
			}
		];
	}
	if (p.policy === 'fill_rate') {
		return [
			{
				term: 'Fator de segurança',
				symbol: 'k: G(k) = (1 − β) · Q ÷ √v',
				numbers: `(1 − ${formatShare(p.fill_rate_target)}) × ${n(p.computed_order_quantity_units)} ÷ √${m(p.protection_variance_units)}`,
				result: n(p.z_score, 3),
				name: 'z_score',
				raw: p.z_score,
				note: `β: parte da demanda atendida do estoque; G: perda da normal. Corresponde a um nível de serviço de ${formatShare(
					p.service_level
				)}.`
			}
		];
	}
	return [];
}

/** The reorder point as the policy computes it. */
function pointSteps(p, unit) {
	const step = {
		term: p.is_overridden || p.is_forecast_driven ? 'Ponto de pedido pela estatística' : 'Ponto de pedido',
		result: formatUnits(p.computed_reorder_point_units, unit),
		name: 'computed_reorder_point_units',
		raw: p.computed_reorder_point_units
	};
	const { protection_mean_units: mean, protection_variance_units: variance } = p;
	if (p.policy === 'cost_based' || p.policy === 'cycle_service') {
		const isPoisson = variance <= mean;
		return [
			{
				...step,
				symbol: 's = menor k com F(k) ≥ p',
				numbers: isPoisson
					? `F de Poisson com média ${m(mean)}; p = ${formatShare(p.service_level, 2)}`
					: `F binomial negativa com média ${m(mean)} e variância ${m(variance)}; p = ${formatShare(p.service_level, 2)}`,
				note: isPoisson
					? 'F(k): chance de a demanda no intervalo não passar de k. De Poisson, porque a variância não passa da média.'
					: 'F(k): chance de a demanda no intervalo não passar de k.'
			}
		];
	}
	if (p.policy === 'fill_rate') {
		return [{ ...step, symbol: 's = μ + k · √v', numbers: `${m(mean)} + ${n(Math.max(p.z_score, 0), 3)} × √${m(variance)}` }];
	}
	if (p.policy === 'legacy') {
		return [
			{
				...step,
				symbol: 's = d · L + 1,96 · σ · √L',
				numbers: `${formatRate(p.demand_mean_units_per_day)} × ${n(p.promised_lead_time_days)} + 1,96 × ${formatRate(
					p.demand_std_units_per_day
				)} × √${n(p.promised_lead_time_days)}`,
				note: 'L: prazo prometido pelo fornecedor. A fórmula antiga da empresa, sem a variação do prazo.'
			}
		];
	}
	return [
		{
			...step,
			symbol: 's = d · cobertura mínima',
			numbers: `${formatRate(p.demand_mean_units_per_day)} por dia × ${formatCount(p.minimum_cover_days, 'dia', 'dias')}`
		}
	];
}

/** Who had the last word on the reorder point, and what of it is safety. */
function decidedSteps(p, unit) {
	const steps = [];
	const point = {
		result: formatUnits(p.reorder_point_units, unit),
		name: 'reorder_point_in_force_units',
		raw: p.reorder_point_units
	};
	if (p.is_overridden) {
		steps.push({
			term: 'Ponto de pedido em vigor',
			symbol: 'definido pelo planejamento',
			numbers: `${p.override_author_role ?? UNKNOWN}: ${p.override_reason ?? UNKNOWN}`,
			...point,
			note: isKnown(p.computed_reorder_point_units)
				? `O cálculo daria ${formatUnits(p.computed_reorder_point_units, unit)}; vale a decisão do planejamento.`
				: 'Sem cálculo para comparar; vale a decisão do planejamento.'
		});
	} else if (p.is_forecast_driven) {
		steps.push({
			term: 'Ponto de pedido em vigor',
			symbol: 's = demanda prevista + folga do quantil previsto, para cima',
			numbers: `${n(p.reorder_point_units - p.safety_stock_units)} + ${n(p.safety_stock_units)}`,
			...point,
			note: `Previsão do modelo ${p.forecast_source ?? UNKNOWN} ${p.forecast_model_version ?? ''}, que passou na comparação com a demanda real; a folga inclui a variação do prazo.`
		});
	}
	steps.push({
		term: 'Estoque de segurança',
		symbol: p.is_forecast_driven ? 'SS = s − demanda prevista' : 'SS = s − μ, nunca abaixo de 0',
		numbers: p.is_forecast_driven
			? `${n(p.reorder_point_units)} − ${n(p.reorder_point_units - p.safety_stock_units)}`
			: `${n(p.reorder_point_units)} − ${m(p.protection_mean_units)}`,
		result: formatUnits(p.safety_stock_units, unit),
		name: 'safety_stock_units',
		raw: p.safety_stock_units,
		note: p.is_forecast_driven || p.is_overridden || !['cost_based', 'cycle_service'].includes(p.policy)
			? 'A parte do ponto de pedido que passa da demanda esperada.'
			: `A parte do ponto de pedido que passa da demanda esperada. Vale a estatística da demanda: ${labelOf(
					'forecastStatus',
					p.forecast_status
				)}.`
	});
	return steps;
}

/** Position, level, quantity, excess and priority. */
function orderSteps(p, unit) {
	const steps = [
		{
			term: 'Posição',
			symbol: 'em estoque + a caminho − pendências',
			numbers: `${n(p.on_hand_units)} + ${n(p.on_order_units)} − ${n(p.backordered_units)}`,
			result: formatUnits(p.position_units, unit),
			note: p.position_units <= p.reorder_point_units ? 'Está no ponto de pedido ou abaixo dele.' : 'Está acima do ponto de pedido.'
		}
	];
	// An override, or days of cover, may set the level itself.
	const isSum = Math.abs(p.reorder_point_units + p.economic_order_quantity_units - p.order_up_to_units) < 0.01;
	steps.push({
		term: 'Nível a recompor',
		symbol: isSum ? 'S = s + Q' : p.is_overridden ? 'S definido pelo planejamento' : 'S = d · cobertura máxima',
		numbers: isSum
			? `${n(p.reorder_point_units)} + ${n(p.economic_order_quantity_units)}`
			: p.is_overridden
				? (p.override_author_role ?? UNKNOWN)
				: `${formatRate(p.demand_mean_units_per_day)} por dia × ${formatCount(p.maximum_cover_days, 'dia', 'dias')}, em lotes de ${n(p.pack_size_units)}`,
		result: formatUnits(p.order_up_to_units, unit),
		note: 'Até onde um pedido leva a posição.'
	});
	const gap = p.order_up_to_units - p.position_units;
	steps.push({
		term: 'Quantidade a comprar',
		symbol: 'S − posição, em lotes',
		numbers:
			p.order_quantity_units > 0
				? `${n(p.order_up_to_units)} − ${inner(p.position_units)} = ${n(gap)}`
				: p.order_quantity_units === 0
					? 'nada a comprar agora'
					: 'não calculada: conferir o custo do item',
		result: p.order_quantity_units === 0 ? 'nada' : formatUnits(p.order_quantity_units, unit),
		name: 'arithmetic_order_quantity_units',
		raw: p.order_quantity_units,
		note: p.is_excess_after_order
			? 'O lote mínimo ou a embalagem deixa mais de um ano de demanda acima do necessário. Negociar um lote menor.'
			: `Arredondada para o lote mínimo de ${n(p.minimum_order_units)} e a embalagem de ${n(p.pack_size_units)}.`,
		isWarning: p.is_excess_after_order
	});
	if (isKnown(p.risk_brl) && isKnown(p.expected_short_lines)) {
		steps.push({
			term: 'Em risco se nada for comprado',
			symbol: 'requisições sem estoque · B · w',
			numbers: `${m(p.expected_short_lines)} × ${formatMoney(p.stocked_out_line_cost_brl)} × ${n(p.criticality_weight)}`,
			result: formatMoney(p.risk_brl),
			name: 'risk_brl',
			raw: p.risk_brl,
			note: 'Requisições que devem ficar sem estoque até a próxima chegada, pelo peso da criticidade.'
		});
	}
	if (isKnown(p.order_priority) && isKnown(p.risk_per_brl_spent)) {
		steps.push({
			term: 'Prioridade da compra',
			symbol: 'risco evitado ÷ valor da compra',
			numbers: `${formatMoney(p.risk_brl)} ÷ ${formatMoney(p.order_value_brl)} = ${m(p.risk_per_brl_spent)} por real`,
			result: `${n(p.order_priority, 0)}ª da lista`,
			name: 'order_priority',
			raw: p.order_priority,
			note: 'A compra 1 é a que mais risco evita por real gasto.'
		});
	}
	return steps;
}
