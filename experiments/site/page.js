const told = JSON.parse(document.getElementById('told').textContent);
const find = (id) => document.getElementById(id);
const root = document.documentElement;

// Light and dark: as the system has it, until the reader chooses.
const remembered = {
  get() { try { return localStorage.getItem('tightrope'); } catch { return null; } },
  set(value) { try { localStorage.setItem('tightrope', value); } catch { /* a file may remember nothing */ } },
};
const system = matchMedia('(prefers-color-scheme: dark)');
function paint() {
  const chosen = remembered.get() || root.dataset.chosen;
  root.dataset.theme = chosen || (system.matches ? 'dark' : 'light');
  find('theme').textContent = root.dataset.theme === 'dark' ? 'Light' : 'Dark';
}
find('theme').onclick = () => {
  root.dataset.chosen = root.dataset.theme === 'dark' ? 'light' : 'dark';
  remembered.set(root.dataset.chosen);
  paint();
};
system.addEventListener('change', paint);
paint();

// A guess first.
find('after').hidden = true;
find('guess').hidden = false;
const percent = (share) => `${Math.round(100 * share)} %`;
const guesses = {stay: find('guess-stay'), enter: find('guess-enter')};
for (const [arm, slider] of Object.entries(guesses)) {
  slider.oninput = () => {
    find(`said-${arm}`).textContent = `${slider.value} %`;
    slider.setAttribute('aria-valuetext', `${slider.value} %`);
  };
  slider.oninput();
}
function brier(arm, chance) {
  const fell = told.fell[arm];
  return fell.reduce((sum, one) => sum + (chance - one) ** 2, 0) / fell.length;
}
function answer(scored) {
  find('after').hidden = false;
  find('ask').hidden = true;
  if (scored) {
    const said = ['stay', 'enter'].map((arm) => {
      const guess = Number(guesses[arm].value) / 100;
      const share = told.fell[arm].reduce((sum, one) => sum + one, 0) / told.fell[arm].length;
      for (const slider of [guesses[arm]]) slider.disabled = true;
      return `If he ${arm === 'stay' ? 'stays out' : 'enters'} you said ${percent(guess)}, the model says ` +
        `${percent(share)}: held against its histories, your Brier score is ${brier(arm, guess).toFixed(3)}, ` +
        `and ${brier(arm, share).toFixed(3)} is the best that one number could have.`;
    });
    find('scored').textContent = said.join(' ') +
      ' (0 is perfect; 0.25 is what 50 % gets.) It scores you against the model, and not against the world.';
  }
  find('answer').focus();
}
find('show').onclick = () => answer(true);
find('skip').onclick = () => answer(false);

// The replay.
const slider = find('day'), first = new Date(`${told.start}T00:00:00Z`);
const dated = (day) => new Date(first.getTime() + (day - 1) * 864e5)
  .toLocaleDateString('en-GB', {day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC'});
const people = (value) => {
  if (value < 10) return String(Math.round(value));
  const step = value < 1000 ? 10 : 10 ** (Math.floor(Math.log10(value)) - 2);
  return (Math.round(value / step) * step).toLocaleString('en-GB');
};
const at = (values, day) => values[Math.min(day, values.length) - 1];
const write = (measure, value) => (told.shares.includes(measure) ? percent(value) : people(value));
function cell(id, words) { find(id).textContent = words; }
function show() {
  const day = Number(slider.value);
  find('date').textContent = `Day ${day} of ${told.days}: ${dated(day)}`;
  slider.setAttribute('aria-valuetext', dated(day));
  for (const line of document.querySelectorAll('line.cursor')) {
    const {left, right} = line.dataset;
    const x = Number(left) + (Number(right) - Number(left)) * (day - 1) / Math.max(told.days - 1, 1);
    line.setAttribute('x1', x);
    line.setAttribute('x2', x);
  }
  for (const arm of ['stay', 'enter']) {
    const life = told.arms[arm];
    for (const [measure, values] of Object.entries(life.measures)) {
      cell(`${arm}-${measure}`, day > values.length ? '–' : write(measure, at(values, day)));
    }
    life.regions.forEach((values, region) => {
      cell(`${arm}-region-${region}`, day > values.length ? '–' : people(at(values, day)));
    });
    const other = new Set(told.arms[arm === 'stay' ? 'enter' : 'stay'].notes.map((note) => note.join()));
    const list = find(`events-${arm}`);
    list.replaceChildren(...life.notes.filter(([on]) => on <= day).slice(-6).reverse().map((note) => {
      const item = document.createElement('li'), when = document.createElement('b');
      when.textContent = dated(note[0]);
      item.append(when, note[1]);
      if (!other.has(note.join())) item.className = 'own';
      return item;
    }));
  }
}
slider.oninput = show;
let playing = null;
find('play').onclick = () => {
  if (playing) {
    clearInterval(playing);
    playing = null;
  } else {
    if (Number(slider.value) >= told.days) slider.value = 1;
    playing = setInterval(() => {
      slider.value = Number(slider.value) + 1;
      show();
      if (Number(slider.value) >= told.days) find('play').click();
    }, 60);
  }
  find('play').textContent = playing ? 'Pause' : 'Play';
};
slider.value = told.entered;
show();
