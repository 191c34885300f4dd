// What the lists of items have in common: the column that leads to the item, the filters, and what only a download holds.
import { UNKNOWN, labelOf } from './format.js';
import { itemLink } from './links.js';

export const criticalityText = (row) => labelOf('criticality', row.criticality);
export const categoryText = (row) => row.category_name ?? UNKNOWN;

/** The item and the way to its page; below it, its number and what else tells it apart. */
export const itemColumn = (...details) => ({
	label: 'Item',
	value: (row) => row.item_name,
	href: (row) => itemLink(row.item_id, row.location_id),
	detail: (row) => [row.item_id, ...details.map((text) => text(row))].join(' · ')
});

const filter = (name, label, all, code, text = code) => ({ name, label, all, code: (row) => row[code], text: (row) => row[text] });

export const BY_LOCATION = filter('local', 'Local', 'todos', 'location_id', 'location_name');
export const BY_SUPPLIER = filter('fornecedor', 'Fornecedor', 'todos', 'supplier_id', 'supplier_name');
export const BY_CATEGORY = filter('categoria', 'Categoria', 'todas', 'category_name');
export const BY_FAMILY = filter('familia', 'Família', 'todas', 'family_name');
export const BY_CLASS = filter('classe', 'Classe', 'todas', 'abc_class');
export const BY_CRITICALITY = {
	...filter('criticidade', 'Criticidade', 'todas', 'criticality'),
	order: ['vital', 'essential', 'desirable'],
	text: criticalityText
};

const HEADINGS = {
	item_id: 'Código',
	unit_code: 'Unidade',
	category_name: 'Categoria',
	family_name: 'Família',
	abc_class: 'Classe',
	criticality: 'Criticidade',
	location_id: 'Código do local',
	supplier_id: 'Código do fornecedor',
	stockout_on: 'Acaba em'
};

/** Columns that are written as they are. @param {(keyof typeof HEADINGS)[]} names */
export const plainColumns = (...names) =>
	names.map((name) => ({ label: HEADINGS[name], value: name === 'criticality' ? criticalityText : (row) => row[name] }));
