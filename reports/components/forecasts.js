// How the pages speak of forecasts: names of models and horizons, and whether a model was worth having.

import { UNKNOWN, labelOf } from './format.js';

/** The simple baseline by what it is, any other model by its own name and version. */
export const modelName = (row) =>
	row.is_challenger ? 'Referência simples' : `${row.forecast_source} ${row.forecast_model_version}`.trim();

/** A key of the model for filters. */
export const modelCode = (row) => `${row.forecast_source}/${row.forecast_model_version}`;

/** "16 a 30 dias" from 16-30, "61 dias ou mais" from 61-. */
export function horizonName(group) {
	const [, from, to] = /^0*(\d+)-0*(\d*)$/.exec(group ?? '') ?? [];
	if (!from) return group ?? UNKNOWN;
	return to ? `${from} a ${to} dias` : `${from} dias ou mais`;
}

/** What a member of a level is called. */
export const memberName = (row) =>
	row.level_name === 'horizon' ? horizonName(row.member_id) : (row.member_name ?? row.member_id);

/** better, worse or same as the baseline on the same questions; unknown where there was nothing to compare. */
export function verdictOf(row) {
	const gain = row.forecast_value_added;
	if (gain === null || gain === undefined) return 'unknown';
	return gain > 0 ? 'better' : gain < 0 ? 'worse' : 'same';
}

export const verdictText = (row) => labelOf('forecastVerdict', verdictOf(row));

/** "prevê 2,7 % a mais" from a bias of 0.027; `share` writes the share. */
export function biasText(bias, share) {
	if (bias === null || bias === undefined) return UNKNOWN;
	if (bias === 0) return 'sem viés';
	return `prevê ${share(Math.abs(bias))} a ${bias > 0 ? 'mais' : 'menos'}`;
}
