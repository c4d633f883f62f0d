// Shows what this node sends, each time the whole state, and marks what is new in it. Whatever comes
// from a file becomes text, never markup.
import {draw} from '/chart.js';

const STATES = {
  RUNNING: ['running', 'good'],
  STANDALONE: ['standalone', 'good'],
  PARTIAL: ['reads nothing', 'warn'],
  LIVE: ['live', 'good'],
  PAUSED: ['paused', 'warn'],
  WAITING: ['waiting', 'warn'],
  CATCHING_UP: ['catching up', 'warn'],
  AWAY: ['away', 'bad']
};
const NEW_MS = 1600;
const SAID_MS = 6000;
const RETRY_MS = 2000;

const $ = id => document.getElementById(id);
let nodeNames = [];
let latest;

// --- from the node ---------------------------------------------------------------------------------

let source;
let retry;

function listen() {
  clearTimeout(retry);
  source?.close();
  if (document.hidden) return;
  source = new EventSource('/api/live');
  source.addEventListener('nodes', event => showNodes(JSON.parse(event.data)));
  source.addEventListener('rows', event => showRows(JSON.parse(event.data)));
  source.onopen = () => connected(true);
  source.onerror = () => {
    source.close();
    connected(false);
    retry = setTimeout(listen, RETRY_MS);
  };
}

function connected(yes) {
  const banner = $('connection');
  if (yes !== banner.hidden) {
    banner.hidden = yes;
    banner.textContent = yes ? '' : 'This node does not answer. What you see is how it was; trying again …';
  }
}

document.addEventListener('visibilitychange', listen);
listen();

// --- nodes -----------------------------------------------------------------------------------------

function showNodes(nodes) {
  latest = nodes;
  const names = nodes.members.map(member => member.name);
  if (String(names) !== String(nodeNames)) {
    nodeNames = names;
    document.querySelectorAll('[data-by]').forEach(colour);
  }
  document.title = `Shop on ${nodes.self}`;
  set($('self'), nodes.self);
  set($('how-many'), nodeNames.length === 1 ? 'one' : String(nodeNames.length));
  keyed($('nodes'), nodes.members, member => member.name, newCard, updateCard);
  const pages = nodes.members.filter(member => member.self || member.address);
  keyed($('pages'), pages, member => member.name, newPageLink, updatePageLink);
  drawCharts();
}

function newCard(member) {
  return make('li', {},
    make('h3', {}, by(member.name), make('small', {}), make('span', {class: 'state'})),
    make('dl', {class: 'figures'},
      make('div', {}, make('dt', {}, 'Position'), make('dd', {class: 'position'})),
      make('div', {}, make('dt', {}, 'Behind'), make('dd', {class: 'behind'}))),
    make('div', {class: 'buttons'},
      make('button', {type: 'button', 'data-node': member.name, 'data-command': 'pause'}),
      make('button', {type: 'button', 'data-node': member.name, 'data-command': 'burst'})),
    make('p', {class: 'problem'}));
}

function updateCard(card, member) {
  const [words, tone] = STATES[member.state] ?? [member.state.toLowerCase().replaceAll('_', ' '), 'bad'];
  set(card.querySelector('h3 small'), member.self ? 'this node' : '');
  const state = card.querySelector('.state');
  set(state, words);
  state.className = `state ${tone}`;
  set(card.querySelector('.position'), number(member.position));
  set(card.querySelector('.behind'), number(member.lagMessages));
  set(card.querySelector('.problem'), member.problem ?? '');
  const [pause, burst] = card.querySelectorAll('button');
  const paused = member.state === 'PAUSED';
  pause.dataset.command = paused ? 'resume' : 'pause';
  button(pause, paused ? 'Resume' : 'Pause', member);
  burst.dataset.command = member.burstWrites ? 'stop-burst' : 'burst';
  button(burst, member.burstWrites ? 'Stop the burst' : 'Start a burst', member);
}

function button(element, text, member) {
  set(element, text);
  element.setAttribute('aria-label', `${text}, ${member.name}`);
  element.disabled = !member.answers;
}

function newPageLink(member) {
  return make('li', {}, make('a', {href: member.self ? '/' : member.address}, member.name));
}

function updatePageLink(item, member) {
  const link = item.firstChild;
  if (member.self) link.setAttribute('aria-current', 'page');
  else link.removeAttribute('aria-current');
}

function classOf(node) {
  return `n${nodeNames.indexOf(node) % 5 + 1}`;
}

function drawCharts() {
  if (!latest) return;
  const {at, lag, perSecond} = latest.history;
  draw($('lag'), at, lag, classOf);
  draw($('throughput'), at, perSecond, classOf);
}

addEventListener('resize', drawCharts);

// --- rows ------------------------------------------------------------------------------------------

let first = true;

function showRows(rows) {
  keyed($('tracks').tBodies[0], rows.tracks, track => track.id, newTrack, updateTrack);
  keyed($('orders'), rows.orders, order => order.id, newOrder);
  keyed($('conflicts'), rows.conflicts, conflict => conflict.id, newConflict);
  set($('conflict-count'), number(rows.conflictCount));
  keyed($('counts'), Object.entries(rows.counts), ([table]) => table,
    ([table]) => make('div', {}, make('dt', {}, table), make('dd', {})),
    (entry, [, count]) => set(entry.lastChild, number(count)));
  first = false;
}

function newTrack(track) {
  return make('tr', {},
    make('td', {}, make('span', {}), make('small', {})),
    make('td', {class: 'number'}),
    make('td', {class: 'number'}),
    make('td', {}, make('button', {type: 'button', 'data-track': track.id})));
}

function updateTrack(row, track) {
  const [name, price, stock] = row.cells;
  change(name.firstChild, track.name, name);
  set(name.lastChild, `${track.artist} · ${track.album}`);
  change(price, (track.priceCents / 100).toFixed(2));
  change(stock, number(track.stock));
  const write = row.querySelector('button');
  write.dataset.write = track.stock > 0 ? 'buy' : 'restock';
  set(write, track.stock > 0 ? 'Buy one' : 'Restock');
  write.setAttribute('aria-label', `${write.textContent}: ${track.name}`);
  write.track = track;
}

function newOrder(order) {
  const pieces = order.lines.reduce((sum, line) => sum + line.quantity, 0);
  const cents = order.lines.reduce((sum, line) => sum + line.quantity * line.priceCents, 0);
  return make('li', {}, time(order.placedAt), by(order.node),
    ` sold ${pieces} for ${(cents / 100).toFixed(2)}`);
}

function newConflict(conflict) {
  const lost = make('dl', {class: 'lost'});
  for (const [column, value] of Object.entries(conflict.lost)) {
    const overwritten = conflict.reason.startsWith(`Column "${column}" was `);
    lost.append(make('div', overwritten ? {class: 'overwritten'} : {},
      make('dt', {}, column), make('dd', {}, value ?? 'NULL')));
  }
  return make('li', {}, time(conflict.at), by(conflict.winner),
    ` · ${conflict.table} ${conflict.kind}`,
    make('small', {}, conflict.reason), lost);
}

function by(node) {
  const name = make('span', {'data-by': node}, node);
  colour(name);
  return name;
}

function colour(name) {
  name.className = `by ${classOf(name.dataset.by)}`;
}

function time(instant) {
  return make('time', {datetime: instant}, new Date(instant).toLocaleTimeString());
}

// --- writing ---------------------------------------------------------------------------------------

document.addEventListener('click', event => {
  const pressed = event.target.closest('button');
  if (!pressed) return;
  const {node, command, write} = pressed.dataset;
  if (command) send('POST', `/api/nodes/${encodeURIComponent(node)}/${command}`, {}, `${node}: ${command}`);
  else if (write === 'buy') buy(pressed.track);
  else if (write === 'restock') restock(pressed.track);
  else if (pressed.id === 'add') add();
});

function buy(track) {
  send('POST', '/api/orders', {customerId: 'customer-1', items: [{productId: track.id, quantity: 1}]},
    `Bought ${track.name}`);
}

function restock(track) {
  send('PUT', `/api/products/${encodeURIComponent(track.id)}`,
    {name: track.name, priceCents: track.priceCents, stock: 100}, `Restocked ${track.name}`);
}

function add() {
  const name = `Made on ${latest.self} at ${new Date().toLocaleTimeString()}`;
  send('POST', '/api/products', {albumId: 'album-1', name, priceCents: 99, stock: 10}, `Added ${name}`);
}

async function send(method, path, body, done) {
  try {
    const response = await fetch(path, {
      method,
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify(body)
    });
    say(response.ok ? done : (await response.json()).detail ?? response.statusText);
  } catch {
    say('This node does not answer');
  }
}

let silence;

function say(text) {
  clearTimeout(silence);
  $('said').textContent = text;
  silence = setTimeout(() => $('said').textContent = '', SAID_MS);
}

// --- elements --------------------------------------------------------------------------------------

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// Gives a list the children that its items need, in their order. Those that stay are moved only where
// they must be, so that they keep the focus.
function keyed(parent, items, keyOf, create, update = () => {}) {
  const keys = new Set(items.map(item => String(keyOf(item))));
  const old = new Map();
  for (const child of [...parent.children]) {
    if (keys.has(child.dataset.key)) old.set(child.dataset.key, child);
    else child.remove();
  }
  let before = null;
  for (const item of items) {
    const key = String(keyOf(item));
    let child = old.get(key);
    if (!child) {
      child = create(item);
      child.dataset.key = key;
      update(child, item);
      mark(child);
    } else {
      update(child, item);
    }
    const next = before ? before.nextElementSibling : parent.firstElementChild;
    if (next !== child) parent.insertBefore(child, next);
    before = child;
  }
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function change(element, text, marked = element) {
  if (element.textContent === text) return;
  const hadOne = element.textContent !== '';
  element.textContent = text;
  if (hadOne) mark(marked);
}

function mark(element) {
  if (first || element.classList.contains('new')) return;
  element.classList.add('new');
  setTimeout(() => element.classList.remove('new'), NEW_MS);
}

function number(value) {
  return value.toLocaleString('en');
}
