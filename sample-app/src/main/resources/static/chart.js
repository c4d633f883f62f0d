// Draws one line for each node into an SVG. What the lines mean is in the page's text.

const SVG = 'http://www.w3.org/2000/svg';
const WINDOW_MS = 120_000;
const LEFT = 44;
const TOP = 14;
const BOTTOM = 24;

export function draw(svg, at, lines, classOf) {
  const width = svg.clientWidth;
  const height = svg.clientHeight;
  if (!width || !at.length) return;
  const end = at.at(-1);
  const top = ceiling(Math.max(...Object.values(lines).flat().filter(value => value !== null), 0));
  const x = time => LEFT + (width - LEFT - 12) * (1 - (end - time) / WINDOW_MS);
  const y = value => TOP + (height - TOP - BOTTOM) * (1 - value / top);

  const parts = [];
  for (const value of [0, top / 2, top]) {
    parts.push(part('line', {class: 'grid', x1: LEFT, x2: width - 12, y1: y(value), y2: y(value)}));
    parts.push(label(value, LEFT - 8, y(value) + 4, 'end'));
  }
  for (const [minutes, anchor] of [[2, 'start'], [1, 'middle'], [0, 'end']]) {
    parts.push(label(minutes ? `−${minutes} min` : 'now', x(end - minutes * 60_000), height - 7, anchor));
  }
  for (const [node, values] of Object.entries(lines)) {
    let path = '';
    values.forEach((value, i) => {
      if (value === null || end - at[i] > WINDOW_MS) return;
      const goesOn = path && values[i - 1] !== null;
      path += `${goesOn ? 'L' : 'M'}${x(at[i]).toFixed(1)} ${y(value).toFixed(1)}`;
    });
    parts.push(part('path', {class: classOf(node), d: path}));
  }
  svg.replaceChildren(...parts);
}

// The next of 2, 4, 10, 20, 40, 100, ...: halves of it are whole numbers.
function ceiling(value) {
  let step = 1;
  for (;;) {
    for (const factor of [2, 4, 10]) {
      if (value <= factor * step) return factor * step;
    }
    step *= 10;
  }
}

function label(value, x, y, anchor) {
  const text = part('text', {x, y, 'text-anchor': anchor});
  text.textContent = typeof value === 'number' ? value.toLocaleString('en') : value;
  return text;
}

function part(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
