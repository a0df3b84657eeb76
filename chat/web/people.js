// Who is here, in a room that names its speakers; and who comes and goes, as
// notices.

const BRIEFLY = 5000;			// milliseconds that are no news
const NAMES_MAX = 100000;		// more than any room has

export class People {
	constructor(transcript, button, list) {
		this.transcript = transcript;
		this.button = button;
		this.list = list;
		this.names = new Set();
		this.come = new Map();	// name -> when, and the notice of it
		this.frame = 0;
		button.addEventListener('click', () => this.open(list.hidden));
	}

	open(shown) {
		this.list.hidden = !shown;
		this.button.setAttribute('aria-expanded', String(shown));
		this.show();
	}

	here(names) {
		this.names = new Set(names);
		this.show();
	}

	join(name) {
		if (this.names.size >= NAMES_MAX)
			return;
		if (this.come.size >= NAMES_MAX)
			this.come.clear();
		this.names.add(name);
		this.come.set(name, {
			at: performance.now(),
			notice: this.transcript.notice(`${name} is here`),
		});
		this.show();
	}

	// A script that says a line comes and goes with it.
	part(name) {
		const come = this.come.get(name);

		this.names.delete(name);
		this.come.delete(name);
		if (come !== undefined && performance.now() - come.at < BRIEFLY)
			this.transcript.remove(come.notice);
		else
			this.transcript.notice(`${name} has left`);
		this.show();
	}

	// Once a frame: thousands may come at once.
	show() {
		if (this.frame !== 0)
			return;
		this.frame = requestAnimationFrame(() => {
			this.frame = 0;
			this.draw();
		});
	}

	draw() {
		this.button.hidden = this.names.size === 0;
		this.button.textContent = `${this.names.size} here`;
		if (this.list.hidden)
			return;
		this.list.replaceChildren(...[...this.names].sort().map(name => {
			const item = document.createElement('li');
			item.textContent = name;
			return item;
		}));
	}
}
