// What the charts of the report have in common.

/** A fill with stripes, so that it is told apart without colour. */
export const striped = (color) => ({
	color,
	decal: { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -0.785, color: 'rgba(255,255,255,.55)' }
});

/** Axes, grid and tooltip in the theme's colours; `categories` are ISO texts, `name` turns one into words. */
export function frame(colours, { categories, name, unit, tooltip }) {
	return {
		grid: { left: 4, right: 12, top: 34, bottom: 8, containLabel: true },
		tooltip: {
			trigger: 'axis',
			backgroundColor: colours.surface,
			borderColor: colours.line,
			textStyle: { color: colours.text, fontSize: 13 },
			// Text only: nothing that comes from data may become markup.
			renderMode: 'richText',
			formatter: tooltip
		},
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
			axisLabel: { color: colours.muted, formatter: (value) => new Intl.NumberFormat('pt-BR').format(value) },
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
