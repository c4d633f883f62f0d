// Shows every second what the node's file holds now; the server makes (and escapes) the page.
async function refresh() {
  try {
    const response = await fetch('/');
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    document.querySelector('main').replaceWith(page.querySelector('main'));
  } catch (e) {
    document.querySelector('#state').textContent = 'this node does not answer';
  }
  setTimeout(refresh, 1000);
}

document.addEventListener('click', async event => {
  const row = event.target.closest('button') && event.target.closest('tr');
  if (!row) return;
  const response = await fetch('/api/orders', {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({
      customerId: 'customer-1',
      items: [{productId: row.dataset.id, quantity: 1}]
    })
  });
  if (!response.ok) alert((await response.json()).detail);
});

setTimeout(refresh, 1000);
