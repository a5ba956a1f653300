// Charts: Chart.js with the page's colours, a legend and a table of the same numbers for who doesn't see the picture.
import { fill, h, table } from './components.js';
import { integer, number } from './format.js';

/** The most points that one chart draws. */
export const mostPoints = 500;

let loading = null;

/** Chart.js, loaded when the first chart is drawn. */
function library() {
  loading ??= new Promise((resolve, reject) => {
    const script = h('script', {
      src: '/web/vendor/chart.min.js', onload: () => resolve(window.Chart),
      onerror: () => { loading = null; script.remove(); reject(new Error('The charts can’t be loaded now.')); },
    });
    document.head.append(script);
  });
  return loading;
}

const names = {
  text: '--text', muted: '--muted', grid: '--line', surface: '--surface', accent: '--accent', emphasis: '--emphasis',
  fit: '--fit', minimum: '--minimum', saddle: '--saddle', budget: '--budget', diverged: '--diverged',
  series: ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6', '--series-7', '--series-8'],
};

/** The colours as the present theme has them. */
export function colours() {
  const probe = h('span', { class: 'hidden' });
  document.body.append(probe);
  const resolve = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const found = Object.fromEntries(Object.entries(names).map(
    ([key, value]) => [key, Array.isArray(value) ? value.map(resolve) : resolve(value)]));
  probe.remove();
  return found;
}

/** The same colour with another opacity, 0 to 1. */
export function faded(colour, opacity) {
  const [red, green, blue] = colour.match(/[\d.]+/g);
  return `rgba(${red}, ${green}, ${blue}, ${opacity})`;
}

/** The shape of an outcome's mark: told apart without colours too. */
export const shapes = { fit: 'circle', minimum: 'triangle', saddle: 'rectRot', budget: 'crossRot', diverged: 'star' };

/** At most so many of a list, evenly, with its last. */
export function thinned(list, most = mostPoints) {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, index) => list[Math.round(index * (list.length - 1) / (most - 1))]);
}

/** A logarithmic axis with ticks at 1, 2 and 5. */
export function logarithmic(title, theme, { min, max } = {}) {
  return {
    type: 'logarithmic', min, max,
    title: { display: true, text: title, color: theme.muted },
    grid: { color: theme.grid, drawTicks: false }, border: { display: false },
    ticks: { color: theme.muted, padding: 6, maxRotation: 0, autoSkip: true, autoSkipPadding: 14, callback: (value) => tick(value) },
    afterBuildTicks: (axis) => {
      const ticks = [];
      const first = Math.floor(Math.log10(axis.min));
      const last = Math.ceil(Math.log10(axis.max));
      const within = (value) => value >= axis.min * 0.999 && value <= axis.max * 1.001;
      const steps = last - first > 4 ? [1] : [1, 2, 5];
      for (let power = first; power <= last; power += 1) for (const step of steps) if (within(step * 10 ** power)) ticks.push(step * 10 ** power);
      // Within a decade three marks may be too few.
      if (ticks.length < 3) {
        ticks.length = 0;
        for (let power = first; power <= last; power += 1) for (let step = 10; step < 100; step += 5) if (within(step * 10 ** (power - 1))) ticks.push(step * 10 ** (power - 1));
      }
      axis.ticks = ticks.map((value) => ({ value }));
    },
  };
}

const tick = (value) => (value >= 1e4 ? `${number(value / 1000)}k` : value >= 1 ? integer(value) : number(value));

/** A linear axis. */
export const linear = (title, theme, options = {}) => ({
  type: 'linear', title: { display: Boolean(title), text: title, color: theme.muted },
  grid: { color: theme.grid, drawTicks: false }, border: { display: false },
  ...options, ticks: { color: theme.muted, padding: 6, maxRotation: 0, ...options.ticks },
});

/** Bands, lines and whiskers behind and over a chart's points: { bands, lines, whiskers }. */
const marks = (given) => ({
  id: 'marks',
  beforeDatasetsDraw: (chart) => {
    const { ctx, chartArea: area } = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(area.left, area.top, area.width, area.height);
    ctx.clip();
    for (const { axis = 'x', from, to, colour } of given.bands || []) {
      const scale = chart.scales[axis];
      const start = from === null ? (axis === 'x' ? area.left : area.bottom) : scale.getPixelForValue(from);
      const end = to === null ? (axis === 'x' ? area.right : area.top) : scale.getPixelForValue(to);
      ctx.fillStyle = colour;
      if (axis === 'x') ctx.fillRect(start, area.top, end - start, area.height);
      else ctx.fillRect(area.left, end, area.width, start - end);
    }
    for (const { axis = 'x', value, colour, dash = [], width = 1.5 } of given.lines || []) {
      const at = chart.scales[axis].getPixelForValue(value);
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.setLineDash(dash);
      ctx.beginPath();
      if (axis === 'x') { ctx.moveTo(at, area.top); ctx.lineTo(at, area.bottom); } else { ctx.moveTo(area.left, at); ctx.lineTo(area.right, at); }
      ctx.stroke();
    }
    ctx.restore();
  },
  afterDatasetsDraw: (chart) => {
    const { ctx, chartArea: area } = chart;
    ctx.save();
    ctx.lineWidth = 1.75;
    for (const { at, from, to, colour, axis = 'x' } of given.whiskers || []) {
      const along = chart.scales[axis];
      const across = chart.scales[axis === 'x' ? 'y' : 'x'].getPixelForValue(at);
      const [low, high] = axis === 'x' ? [area.left, area.right] : [area.bottom, area.top];
      const start = from === null ? low : along.getPixelForValue(from);
      const end = to === null ? high : along.getPixelForValue(to);
      ctx.strokeStyle = colour;
      ctx.beginPath();
      const line = (x1, y1, x2, y2) => { if (axis === 'x') { ctx.moveTo(x1, y1); ctx.lineTo(x2, y2); } else { ctx.moveTo(y1, x1); ctx.lineTo(y2, x2); } };
      line(start, across, end, across);
      if (from !== null) line(start, across - 4, start, across + 4);
      if (to !== null) line(end, across - 4, end, across + 4);
      ctx.stroke();
    }
    ctx.restore();
  },
});

function symbol(kind, colour) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 16 12');
  svg.setAttribute('width', '16');
  svg.setAttribute('height', '12');
  svg.setAttribute('aria-hidden', 'true');
  const drawing = {
    circle: ['circle', { cx: 8, cy: 6, r: 4, fill: colour }],
    ring: ['circle', { cx: 8, cy: 6, r: 4, fill: 'none', stroke: colour, 'stroke-width': 2 }],
    triangle: ['path', { d: 'M8 1.500 13 10.500H3Z', fill: colour }],
    rectRot: ['path', { d: 'M8 1 13 6 8 11 3 6Z', fill: colour }],
    crossRot: ['path', { d: 'M4 2 12 10M12 2 4 10', stroke: colour, 'stroke-width': 2.2 }],
    star: ['path', { d: 'M8 1V11M3 6H13M4.500 2.500 11.500 9.500M11.500 2.500 4.500 9.500', stroke: colour, 'stroke-width': 1.5 }],
    line: ['path', { d: 'M0 6H16', stroke: colour, 'stroke-width': 2.5 }],
    dashed: ['path', { d: 'M0 6H16', stroke: colour, 'stroke-width': 2, 'stroke-dasharray': '4 3' }],
    band: ['rect', { x: 0, y: 1, width: 16, height: 10, rx: 2, fill: colour }],
  }[kind];
  const shape = document.createElementNS(ns, drawing[0]);
  for (const [name, value] of Object.entries(drawing[1])) shape.setAttribute(name, value);
  svg.append(shape);
  return svg;
}

/**
 * A chart. `draw(theme)` gives { type, data, options, marks, legend: [[symbol, colour, label]] }, or null where there is
 * nothing to draw yet, which `waiting`, a text or a function, tells; `describe()` the picture in words; `rows()` its numbers as { columns: [title], rows: [[cell]] }.
 * Returns { element, refresh }.
 */
export function chart({ label, draw, describe, rows, waiting: why = 'Nothing to draw yet.', signal, height = 280 }) {
  const waiting = () => (typeof why === 'function' ? why() : why);
  const canvas = h('canvas', { role: 'img', tabindex: '0' });
  const stage = h('div', { class: 'stage', data: { height } }, canvas);
  stage.style.height = `${height}px`;
  const legend = h('ul', { class: 'legend' });
  const note = h('p', { class: 'note', hidden: true }, waiting());
  const numbers = h('details', { class: 'numbers' }, h('summary', {}, 'The numbers'));
  const element = h('figure', { class: 'chart', 'aria-label': label }, legend, stage, note, numbers);
  let drawn = null;
  let busy = false;

  function showNumbers() {
    if (!numbers.open) return;
    const { columns, rows: lines } = rows();
    const shown = lines.slice(0, 50);
    fill(numbers, h('summary', {}, 'The numbers'),
      table(columns.map((title, index) => ({ title, number: index > 0, cell: (row) => row[index] ?? '–' })), shown, { caption: `${label}: the numbers` }),
      lines.length > shown.length && h('p', { class: 'note' }, `The first ${shown.length} of ${integer(lines.length)}; the exports have all.`));
  }
  numbers.addEventListener('toggle', showNumbers);

  async function refresh() {
    if (busy) return;
    busy = true;
    try {
      const Chart = await library();
      if (signal?.aborted) return;
      const theme = colours();
      const plan = draw(theme);
      stage.hidden = !plan;
      legend.hidden = !plan;
      numbers.hidden = !plan;
      note.textContent = waiting();
      note.hidden = Boolean(plan) || !note.textContent;
      if (!plan) return;
      fill(legend, plan.legend.map(([kind, colour, text]) => h('li', {}, symbol(kind, colour), text)));
      canvas.setAttribute('aria-label', `${label}. ${describe()}`);
      showNumbers();
      drawn?.destroy();
      drawn = new Chart(canvas, {
        type: plan.type || 'scatter', data: plan.data,
        options: {
          animation: false, responsive: true, maintainAspectRatio: false, parsing: plan.parsing,
          font: { family: getComputedStyle(document.body).fontFamily },
          interaction: { mode: 'nearest', intersect: true },
          ...plan.options,
          plugins: {
            legend: { display: false },
            tooltip: { displayColors: false, backgroundColor: theme.text, titleColor: theme.surface, bodyColor: theme.surface, padding: 9, ...plan.options?.plugins?.tooltip },
          },
        },
        plugins: [marks(plan.marks || {})],
      });
    } catch (error) {
      // Without the server there is no library: the next news draw the chart.
      note.hidden = false;
      note.textContent = error.message;
    } finally {
      busy = false;
    }
  }

  const recolour = () => refresh();
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', recolour);
  window.addEventListener('emc:theme', recolour);
  signal?.addEventListener('abort', () => {
    system.removeEventListener('change', recolour);
    window.removeEventListener('emc:theme', recolour);
    drawn?.destroy();
  });
  return { element, refresh };
}
