// The parts of ECharts that the report uses; the whole library is three times as large.
import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { AriaComponent, GeoComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { init, registerMap, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
import bahia from './bahia.json';

use([
	BarChart,
	LineChart,
	ScatterChart,
	AriaComponent,
	GeoComponent,
	GridComponent,
	LegendComponent,
	MarkLineComponent,
	TooltipComponent,
	LabelLayout,
	SVGRenderer
]);
registerMap('bahia', bahia);

export { init };
