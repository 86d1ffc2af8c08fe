import { drawIntervals } from '../chart/draw-intervals.ts';
import { drawLines, lineSample } from '../chart/draw-lines.ts';
import { drawStacks, partNames, partSample } from '../chart/draw-stacks.ts';
import type { Chart } from '../chart/chart.ts';
import { cellText } from '../document.ts';
import type { Block, Cell, Check, Column, ReportDocument, Row, Section, Statement, Table } from '../document.ts';
import { escaped } from './escape.ts';
import { stylesheet } from './stylesheet.ts';

/**
 * The report as one page that needs nothing else: no script, no font, no request. Whatever a result says is text in it, never markup.
 * Equal documents give equal pages.
 */
export function htmlReport({ title, subtitle, sections }: ReportDocument): string {
  const shown = sections.filter(({ blocks }) => blocks.length > 0);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${stylesheet}</style>
</head>
<body>
${hatching}
<header>
<p class="mark">quorate-bench</p>
<h1>${escaped(title)}</h1>
<p class="subtitle">${escaped(subtitle)}</p>
</header>
<nav aria-label="Sections"><ul>${shown.map(({ id, heading }) => `<li><a href="#${escaped(id)}">${escaped(heading)}</a></li>`).join('')}</ul></nav>
<main>
${shown.map(sectionMarkup).join('\n')}
</main>
</body>
</html>
`;
}

/** Every second shade of a bar is hatched, for eyes and printers that see no colours. */
const hatching =
  '<svg class="defs" width="0" height="0" aria-hidden="true"><defs><pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="4" class="hatching"/></pattern></defs></svg>';

function sectionMarkup({ id, heading, blocks }: Section): string {
  return `<section id="${escaped(id)}"><h2>${escaped(heading)}</h2>\n${blocks.map(blockMarkup).join('\n')}\n</section>`;
}

function blockMarkup(block: Block): string {
  switch (block.kind) {
    case 'prose':
      return `<p>${escaped(block.text)}</p>`;
    case 'statements':
      return `<ul class="statements">${block.items.map(statementMarkup).join('')}</ul>`;
    case 'table':
      return tableMarkup(block);
    case 'figures':
      return `${block.note === undefined ? '' : `<p>${escaped(block.note)}</p>`}<div class="figures">${block.charts.map(chartMarkup).join('\n')}</div>`;
    case 'checks':
      return `<ul class="checks">${block.items.map(checkMarkup).join('')}</ul>`;
    default:
      return `<dl>${block.items.map(({ name, value }) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>`;
  }
}

const weights = { difference: 'difference', none: 'no difference', unranked: 'not ranked' } as const;

function statementMarkup({ weight, text, confidence }: Statement): string {
  return `<li class="${weight}"><span class="tag">${weights[weight]}</span><p class="says">${escaped(text)}</p><p class="confidence">${escaped(confidence)}</p></li>`;
}

const marks = { doubt: '!', unknown: '?', fine: '✓' } as const;
const states = { doubt: 'a doubt', unknown: 'unknown', fine: 'fine' } as const;

function checkMarkup({ state, name, text }: Check): string {
  return `<li class="${state}"><span class="sign" role="img" aria-label="${states[state]}">${marks[state]}</span><div><strong>${escaped(name)}</strong> ${escaped(text)}</div></li>`;
}

function tableMarkup(table: Table): string {
  const { caption, columns, rows, detail } = table;
  if (rows.length === 0) return '';
  const head = columns.map(({ name, align }) => `<th scope="col"${alignment(align)}>${escaped(name)}</th>`).join('');
  const key = columns.findIndex(({ align, name }) => align === 'left' && name !== 'place');
  const body = rows.map((row) => rowMarkup(row, columns, key)).join('\n');
  const scroll = `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(caption)}"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
  return detail === true
    ? `<details><summary>${escaped(caption)}</summary>${scroll}</details>`
    : `<figure class="table"><figcaption>${escaped(caption)}</figcaption>${scroll}</figure>`;
}

function rowMarkup({ cells, unranked }: Row, columns: readonly Column[], key: number): string {
  const written = cells.map((cell, place) => {
    const align = columns[place]?.align ?? 'left';
    return place === key ? `<th scope="row">${cellMarkup(cell)}</th>` : `<td${cellClass(cell, align)}>${cellMarkup(cell)}</td>`;
  });
  return `<tr${unranked === true ? ' class="unranked"' : ''}>${written.join('')}</tr>`;
}

function cellMarkup(cell: Cell): string {
  if (typeof cell === 'string') return escaped(cell);
  return cell.flag === 'deviates' ? `<mark>${escaped(cell.text)}</mark>` : `<span class="unranked">${escaped(cell.text)}</span>`;
}

/** Sentences may break; names and figures may not. */
function cellClass(cell: Cell, align: Column['align']): string {
  const classes = [...(align === 'right' ? ['n'] : []), ...(cellText(cell).length > longCell ? ['long'] : [])];
  return classes.length === 0 ? '' : ` class="${classes.join(' ')}"`;
}

const longCell = 48;

function alignment(align: Column['align']): string {
  return align === 'right' ? ' class="n"' : '';
}

function chartMarkup(chart: Chart): string {
  const { drawing, legend } = drawn(chart);
  const list = legend.length === 0 ? '' : `<ul class="legend">${legend.map((item) => `<li>${item}</li>`).join('')}</ul>`;
  return `<figure class="card"><figcaption>${escaped(chart.title)}</figcaption>${drawing}${list}</figure>`;
}

function drawn(chart: Chart): { readonly drawing: string; readonly legend: readonly string[] } {
  switch (chart.kind) {
    case 'line':
      return { drawing: drawLines(chart), legend: chart.series.map((series) => lineSample(series) + escaped(series.label)) };
    case 'interval':
      return { drawing: drawIntervals(chart), legend: [] };
    default:
      return { drawing: drawStacks(chart), legend: partNames(chart).map((name, place) => partSample(place) + escaped(name)) };
  }
}
