// A table as a workbook of one sheet, written in the browser: the few parts of Office Open XML that a list needs, in a
// ZIP without compression. Numbers and days are numbers, so that a spreadsheet can add and sort them.

import { isDay, plainText } from './csv.js';

export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const DOCUMENT = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
// Styles by their place in styles.xml.
const BOLD = 1;
const DAY = 2;
const WRAPPED = 3;

// XML has no way to write control characters; lone halves of a surrogate pair cannot be encoded at all.
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' };
const escaped = (text) => text.replace(UNWRITABLE, '').replace(/[&<>"\r]/g, (sign) => ENTITIES[sign]);

/** A, B, … Z, AA, AB … */
export function columnName(index) {
	const rest = Math.floor(index / 26);
	return (rest ? columnName(rest - 1) : '') + String.fromCharCode(65 + (index % 26));
}

/** Days as a spreadsheet counts them, from 30 December 1899. */
const serialDay = (iso) => Date.parse(iso) / 86_400_000 + 25_569;

function cell(value, place, style) {
	if (value === null || value === undefined || Number.isNaN(value)) return '';
	if (typeof value === 'number') return `<c r="${place}"><v>${value}</v></c>`;
	if (isDay(value)) return `<c r="${place}" s="${DAY}"><v>${serialDay(value)}</v></c>`;
	return `<c r="${place}" t="inlineStr"${style ? ` s="${style}"` : ''}><is><t xml:space="preserve">${escaped(plainText(value))}</t></is></c>`;
}

function sheet(columns, rows) {
	const line = (values, number, styles) =>
		`<row r="${number}">${values.map((value, index) => cell(value, `${columnName(index)}${number}`, styles(index))).join('')}</row>`;
	const widths = columns.map(
		({ wide, numeric }, index) =>
			`<col min="${index + 1}" max="${index + 1}" width="${wide ? 70 : numeric ? 14 : 24}" customWidth="1"/>`
	);
	const area = `A1:${columnName(columns.length - 1)}${rows.length + 1}`;
	return `${HEAD}<worksheet xmlns="${MAIN}"><dimension ref="${area}"/><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData>${line(
		columns.map(({ label }) => label),
		1,
		() => BOLD
	)}${rows
		.map((row, index) =>
			line(
				columns.map(({ value }) => value(row)),
				index + 2,
				(column) => (columns[column].wide ? WRAPPED : 0)
			)
		)
		.join('')}</sheetData><autoFilter ref="${area}"/></worksheet>`;
}

const STYLES = `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf applyAlignment="1"><alignment wrapText="1" vertical="top"/></xf></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

/** The whole table; `columns` are {label, value(row), numeric, wide}. @returns {Uint8Array} */
export function xlsxTable(columns, rows, title = 'Planilha') {
	// A sheet's name has at most 31 characters and none of these.
	const name = escaped(title.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31));
	return zip({
		'[Content_Types].xml': `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${DOCUMENT}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${DOCUMENT}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${DOCUMENT}.styles+xml"/></Types>`,
		'_rels/.rels': `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		'xl/workbook.xml': `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="${name}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
		'xl/styles.xml': STYLES,
		'xl/worksheets/sheet1.xml': sheet(columns, rows)
	});
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
	let crc = byte;
	for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
	return crc;
});

function checksum(bytes) {
	let crc = 0xffffffff;
	for (const byte of bytes) crc = CRC[(crc ^ byte) & 0xff] ^ (crc >>> 8);
	return (crc ^ 0xffffffff) >>> 0;
}

/** Numbers of two or four bytes, lowest first: [[size, value], …]. */
function packed(fields) {
	const view = new DataView(new ArrayBuffer(fields.reduce((total, [size]) => total + size, 0)));
	let at = 0;
	for (const [size, value] of fields) {
		if (size === 2) view.setUint16(at, value, true);
		else view.setUint32(at, value, true);
		at += size;
	}
	return new Uint8Array(view.buffer);
}

/** Stored entries, their directory and its end: a ZIP that any reader opens. The date is fixed: 1 January 1980. */
function zip(files) {
	const encoder = new TextEncoder();
	const parts = [];
	const directory = [];
	let offset = 0;
	for (const [name, text] of Object.entries(files)) {
		const [title, bytes] = [encoder.encode(name), encoder.encode(text)];
		// version, flags (names are UTF-8), method, time, date, checksum, both sizes, lengths of name and extra field
		const shared = [[2, 20], [2, 0x800], [2, 0], [2, 0], [2, 0x21], [4, checksum(bytes)], [4, bytes.length], [4, bytes.length], [2, title.length], [2, 0]];
		const local = packed([[4, 0x04034b50], ...shared]);
		parts.push(local, title, bytes);
		// length of comment, disk, two kinds of attributes, where the entry begins
		directory.push(packed([[4, 0x02014b50], [2, 20], ...shared, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), title);
		offset += local.length + title.length + bytes.length;
	}
	const size = directory.reduce((total, part) => total + part.length, 0);
	const count = directory.length / 2;
	const end = packed([[4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, offset], [2, 0]]);
	const all = new Uint8Array(offset + size + end.length);
	let at = 0;
	for (const part of [...parts, ...directory, end]) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}
