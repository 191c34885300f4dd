// Numbers, money and dates as Brazilians write them. The one place that knows how; pages never format on their own.

const DIGITS = [0, 1, 2, 3, 4].map((digits) => new Intl.NumberFormat('pt-BR', { maximumFractionDigits: digits }));
const MONEY = new Intl.NumberFormat('pt-BR', { style: 'currency', currency: 'BRL' });
const MONTHS = ['jan', 'fev', 'mar', 'abr', 'mai', 'jun', 'jul', 'ago', 'set', 'out', 'nov', 'dez'];
const BAHIA = 'America/Bahia';

/** What stands where gold has no value: unknown must not look like zero. */
export const UNKNOWN = '–';

const isKnown = (value) => value !== null && value !== undefined && !Number.isNaN(value);

/** 1.234,5 with at most `digits` decimals. */
export function formatNumber(value, digits = 1) {
	return isKnown(value) ? DIGITS[digits].format(value) : UNKNOWN;
}

/** A small rate with three significant digits: 0,0342. */
export function formatRate(value) {
	if (!isKnown(value)) return UNKNOWN;
	return new Intl.NumberFormat('pt-BR', { maximumSignificantDigits: 3 }).format(value);
}

/** 12 PC, 3,5 KG. */
export function formatUnits(value, unit = '') {
	return isKnown(value) ? `${formatNumber(value, 1)} ${unit}`.trim() : UNKNOWN;
}

/** R$ 1.234,50 */
export function formatMoney(value) {
	return isKnown(value) ? MONEY.format(value) : UNKNOWN;
}

/** R$ 1,2 mi: for headlines, where the cents say nothing. */
export function formatMoneyShort(value) {
	if (!isKnown(value)) return UNKNOWN;
	const size = Math.abs(value);
	const [divisor, suffix] = size >= 1e9 ? [1e9, ' bi'] : size >= 1e6 ? [1e6, ' mi'] : size >= 1e4 ? [1e3, ' mil'] : [1, ''];
	return `R$\u00a0${formatNumber(value / divisor, divisor === 1 ? 2 : 1)}${suffix.replace(' ', '\u00a0')}`;
}

/** 95 % from 0.95, with at most `digits` decimals. */
export function formatShare(value, digits = 1) {
	return isKnown(value) ? `${formatNumber(value * 100, digits)}\u00a0%` : UNKNOWN;
}

/** 95,2 % from 95.2, with at most `digits` decimals. */
export function formatPercent(value, digits = 1) {
	return isKnown(value) ? `${formatNumber(value, digits)}\u00a0%` : UNKNOWN;
}

/** +12 or -61, with at most `digits` decimals: a difference says its sign. */
export function formatSigned(value, digits = 0) {
	if (!isKnown(value)) return UNKNOWN;
	const text = formatNumber(value, digits).replace(/^-(?=0$)/, '');
	return value > 0 && text !== '0' ? `+${text}` : text;
}

const CORRELATION = new Intl.NumberFormat('pt-BR', {
	minimumFractionDigits: 2,
	maximumFractionDigits: 2,
	signDisplay: 'exceptZero'
});

/** +0,30 or -0,05. */
export const formatCorrelation = (value) => (isKnown(value) ? CORRELATION.format(value) : UNKNOWN);

/** +12 % or -61 % from percent. */
export const formatChange = (value, digits = 0) => (isKnown(value) ? `${formatSigned(value, digits)}\u00a0%` : UNKNOWN);

/** 20/11/2026 from 2026-11-20. */
export function formatDay(iso) {
	if (!iso) return UNKNOWN;
	const [year, month, day] = iso.slice(0, 10).split('-');
	return `${day}/${month}/${year}`;
}

/** 20/11 from 2026-11-20. */
export const formatDayShort = (iso) => formatDay(iso).slice(0, 5);

/** nov/2026 from 2026-11. */
export function formatMonth(iso) {
	const [year, month] = iso.split('-');
	return `${MONTHS[Number(month) - 1]}/${year}`;
}

/** 20/11/2026 às 02:12, Bahia time, from an instant in UTC. */
export function formatInstant(iso) {
	if (!iso) return UNKNOWN;
	const parts = new Intl.DateTimeFormat('pt-BR', {
		timeZone: BAHIA,
		day: '2-digit',
		month: '2-digit',
		year: 'numeric',
		hour: '2-digit',
		minute: '2-digit'
	}).formatToParts(new Date(iso));
	const part = (type) => parts.find((one) => one.type === type)?.value;
	return `${part('day')}/${part('month')}/${part('year')} às ${part('hour')}:${part('minute')}`;
}

/** Today in Bahia as an ISO date. The query engine has no time zones, so only the browser can say. */
export function todayInBahia() {
	return new Intl.DateTimeFormat('en-CA', { timeZone: BAHIA }).format(new Date());
}

/** Whole days from one ISO date to another. */
export function daysBetween(from, to) {
	return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

/** "1 dia", "3 dias". */
export function formatCount(count, one, many) {
	return `${formatNumber(count, 0)} ${count === 1 ? one : many}`;
}

/** hoje, amanhã, em 5 dias, há 2 dias: a distance in days as people say it. */
export function formatDistance(days) {
	if (days === 0) return 'hoje';
	if (days === 1) return 'amanhã';
	if (days === -1) return 'ontem';
	return days > 0 ? `em ${formatNumber(days, 0)} dias` : `há ${formatNumber(-days, 0)} dias`;
}

/** Rows of an Evidence query as a plain array. Reading the first row is what makes Evidence answer the query. */
export function rowsOf(query) {
	if (!query) return [];
	void query[0];
	return Array.from({ length: query.length }, (_, index) => query[index]);
}

/** The words for codes of gold. Unknown codes are shown as they are. */
export const LABELS = {
	status: { order_now: 'Comprar agora', approaching: 'Perto do ponto', ok: 'Em ordem', no_demand: 'Sem demanda' },
	riskState: { red: 'Crítico', amber: 'Atenção', green: 'Tranquilo' },
	supplierState: { overdue: 'Em atraso agora', late: 'Costuma atrasar', kept: 'No prazo', unknown: 'Sem histórico' },
	excessAction: { stop: 'Suspender a compra', move: 'Transferir', dispose: 'Vender ou dar baixa', use: 'Deixar consumir' },
	forecastLevel: { horizon: 'Horizonte', category: 'Categoria', family: 'Família', location: 'Local', item: 'Item' },
	forecastVerdict: { better: 'Ajuda', worse: 'Atrapalha', same: 'Empata', unknown: 'Sem comparação' },
	criticality: { vital: 'Vital', essential: 'Essencial', desirable: 'Desejável' },
	leadTimeSource: {
		item: 'recebimentos deste item',
		supplier: 'recebimentos do fornecedor',
		category: 'recebimentos da categoria',
		promised: 'prazo prometido pelo fornecedor'
	},
	policy: {
		cost_based: 'Nível de serviço pelo custo',
		cycle_service: 'Nível de serviço fixo',
		fill_rate: 'Taxa de atendimento',
		legacy: 'Fórmula antiga',
		min_max: 'Cobertura em dias (mínimo e máximo)'
	},
	forecastStatus: {
		no_forecast: 'não há previsão externa',
		stale: 'a previsão é antiga demais',
		other_horizon: 'o horizonte da previsão é diferente do prazo',
		too_few_scored: 'há poucas comparações com a demanda real',
		loses_to_challenger: 'a previsão erra mais que a estatística da demanda',
		coverage_off: 'os limites da previsão não contêm a demanda como prometem'
	},
	invalidReason: {
		demand_history: 'história da demanda',
		unit_cost: 'custo do item',
		criticality: 'criticidade do item',
		lead_time: 'prazo de entrega',
		lot_size: 'lote mínimo ou embalagem'
	},
	valuePolicy: {
		no_policy: 'Sem política',
		cost_based: 'Pelo custo',
		negative_binomial: 'Nível fixo (binomial negativa)',
		normal: 'Nível fixo (normal)',
		fill_rate: 'Taxa de atendimento',
		legacy: 'Fórmula antiga',
		legacy_measured: 'Fórmula antiga com prazo medido',
		oracle: 'Oráculo (conhece o futuro)'
	},
	scenario: {
		base: 'Empresas de referência',
		lead_time_variance_x2: 'Prazos de entrega duas vezes mais incertos',
		'demand_x0.5': 'Metade da demanda',
		currency_shock: 'Choque do dólar',
		recorded: 'História desta instalação'
	},
	slaTier: { ouro: 'Ouro', prata: 'Prata', bronze: 'Bronze' },
	driver: {
		rain: 'Chuva',
		heat: 'Calor',
		storms: 'Tempestades',
		holidays: 'Feriados',
		exchange_rate: 'Dólar',
		network_5g: '5G'
	},
	exceptionKind: {
		invalid_parameters: 'Parâmetros inválidos',
		class_changed: 'Mudança de classe',
		lead_time_away_from_promise: 'Prazo longe do prometido',
		negative_stock: 'Estoque negativo',
		movement_without_item: 'Movimento sem cadastro',
		stale_feed: 'Dados atrasados'
	},
	// What it means for the reader that a source stopped.
	staleSource: {
		erp: 'Estoque, pedidos e consumo podem ter mudado: confirme as quantidades antes de comprar.',
		inmet: 'As compras não dependem do clima; em Fatores, chuva, calor e tempestades param nesse dia.',
		bacen: 'As compras não dependem disso; em Fatores, o dólar para nesse dia.',
		anatel: 'As compras não dependem disso; em Fatores, o 5G para nesse dia.',
		other: 'O que depende desta fonte para nesse dia.'
	},
	exceptionSeverity: { high: 'Grave', medium: 'Média', low: 'Leve' },
	qualitySeverity: { blocking: 'Impede a publicação', warning: 'Aviso' },
	qualityDimension: {
		completeness: 'Completude',
		validity: 'Validade',
		uniqueness: 'Unicidade',
		timeliness: 'Pontualidade',
		consistency: 'Coerência'
	},
	orderStatus: { requested: 'Solicitado', open: 'Em aberto', partially_received: 'Recebido em parte' }
};

export const labelOf = (kind, code) => LABELS[kind][code] ?? code ?? UNKNOWN;
