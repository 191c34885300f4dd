// The pages of the report as the navigation shows them, in the order of a working day: what to do, why, how it goes,
// and whether to believe it. A page stands here with its address (its file in pages/) and the name that readers see.

export const GROUPS = [
	{
		name: 'Agir',
		pages: [
			{ address: '', name: 'Hoje' },
			{ address: 'compras', name: 'Compras' },
			{ address: 'ruptura', name: 'Ruptura' },
			{ address: 'excesso', name: 'Excesso' }
		]
	},
	{
		name: 'Entender',
		pages: [
			{ address: 'item', name: 'Itens' },
			{ address: 'fornecedores', name: 'Fornecedores' },
			{ address: 'previsao', name: 'Previsão' },
			{ address: 'fatores', name: 'Fatores' }
		]
	},
	{
		name: 'Resultado',
		pages: [
			{ address: 'servico-e-custo', name: 'Serviço e custo' },
			{ address: 'sla', name: 'SLA' },
			{ address: 'quanto-vale', name: 'Quanto vale' }
		]
	},
	{
		name: 'Confiança',
		pages: [
			{ address: 'qualidade', name: 'Qualidade' },
			{ address: 'como-ler', name: 'Como ler' }
		]
	}
];
