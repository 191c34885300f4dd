// What the charts of the report have in common.
import { formatNumber } from './format.js';

/** A fill with stripes, so that it is told apart without colour. */
export const striped = (color) => ({
	color,
	decal: { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -0.785, color: 'rgba(255,255,255,.55)' }
});

/** The tooltip of every chart: text only, because nothing that comes from data may become markup. */
export const tooltip = (colours, formatter, trigger = 'axis') => ({
	trigger,
	confine: true,
	backgroundColor: colours.surface,
	borderColor: colours.line,
	textStyle: { color: colours.text, fontSize: 13 },
	renderMode: 'richText',
	formatter
});

/** The same frame lying down: names down the side, values along the foot. */
export function lyingFrame(colours, { categories, unit, words, valueText = (value) => formatNumber(value, 3) }) {
	return {
		grid: { left: 4, right: 20, top: 30, bottom: 22, containLabel: true },
		tooltip: tooltip(colours, words),
		legend: { top: 0, left: 0, textStyle: { color: colours.muted }, itemWidth: 14, itemHeight: 10 },
		xAxis: {
			type: 'value',
			name: unit,
			nameLocation: 'middle',
			nameGap: 26,
			nameTextStyle: { color: colours.muted },
			axisLabel: { color: colours.muted, formatter: valueText, hideOverlap: true, alignMaxLabel: 'right' },
			splitLine: { lineStyle: { color: colours.line } }
		},
		yAxis: {
			type: 'category',
			inverse: true,
			data: categories,
			axisLine: { lineStyle: { color: colours.line } },
			axisTick: { show: false },
			// Names take a third of a phone's width, and what they need elsewhere.
			axisLabel: { color: colours.text, width: globalThis.innerWidth < 720 ? 115 : 230, overflow: 'truncate' }
		}
	};
}

/** Axes, grid and tooltip in the theme's colours; `categories` are ISO texts, `name` turns one into words. */
export function frame(colours, { categories, name, unit, tooltip: words }) {
	return {
		grid: { left: 4, right: 12, top: 34, bottom: 8, containLabel: true },
		tooltip: tooltip(colours, words),
		xAxis: {
			type: 'category',
			data: categories,
			axisLine: { lineStyle: { color: colours.line } },
			axisTick: { show: false },
			axisLabel: { color: colours.muted, formatter: name, hideOverlap: true }
		},
		yAxis: {
			type: 'value',
			name: unit,
			nameTextStyle: { color: colours.muted, align: 'left' },
			axisLabel: { color: colours.muted, formatter: (value) => formatNumber(value, 3) },
			splitLine: { lineStyle: { color: colours.line } },
			minInterval: 1
		}
	};
}

/** The same for two measures against each other: `x` and `y` are {name, text(value)}; axes need not begin at zero. */
export function measuresFrame(colours, { x, y, tooltip }) {
	const base = frame(colours, { categories: [], name: String, unit: y.name, tooltip });
	const axis = ({ text }) => ({
		type: 'value',
		scale: true,
		axisLine: { lineStyle: { color: colours.line } },
		splitLine: { lineStyle: { color: colours.line } },
		axisLabel: { color: colours.muted, formatter: text, hideOverlap: true }
	});
	return {
		...base,
		grid: { ...base.grid, bottom: 30, right: 28 },
		tooltip: { ...base.tooltip, trigger: 'item' },
		xAxis: {
			...axis(x),
			name: x.name,
			nameLocation: 'middle',
			nameGap: 26,
			nameTextStyle: { color: colours.muted },
			axisLabel: { ...axis(x).axisLabel, alignMinLabel: 'left', alignMaxLabel: 'right' }
		},
		yAxis: { ...base.yAxis, ...axis(y), minInterval: undefined }
	};
}
