/** The script of the simulated widget: it says so, and is solved at once. Its token names the hostname, the action and the time. */
export const WIDGET_SCRIPT = `
(() => {
  const widgets = new Map();
  let made = 0;
  const encode = (value) => btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const solve = ({ box, options }) => {
    box.textContent = 'Simulated Turnstile: checking';
    setTimeout(() => {
      if (!box.isConnected) return;
      const content = { hostname: location.hostname, action: options.action, at_ms: Date.now() };
      box.textContent = 'Simulated Turnstile: you are a person';
      options.callback('SIMULATED.' + encode(content) + '.' + crypto.getRandomValues(new Uint32Array(2)).join('-'));
    }, 100);
  };
  window.turnstile = {
    render(container, options) {
      const box = document.createElement('div');
      box.setAttribute('role', 'status');
      container.append(box);
      const id = 'simulated-' + (made += 1);
      widgets.set(id, { box, options });
      solve(widgets.get(id));
      return id;
    },
    reset(id) { solve(widgets.get(id)); },
    remove(id) { widgets.get(id)?.box.remove(); widgets.delete(id); },
  };
})();
`;
