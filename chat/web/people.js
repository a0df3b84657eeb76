// Who is here, in a room that names its speakers; and who comes and goes, as
// notices.

const BRIEFLY = 5000;			// milliseconds: who goes sooner was never here
const NAMES_MAX = 100000;		// more than any room has

export class People {
	constructor(transcript, button, list) {
		this.transcript = transcript;
		this.button = button;
		this.list = list;
		this.names = new Set();
		this.arriving = new Map();	// name -> the timer that tells of it
		this.wasCut = false;
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
		for (const [name, timer] of this.arriving) {
			if (!this.names.has(name)) {
				clearTimeout(timer);
				this.arriving.delete(name);
			} else if (this.wasCut)
				this.expect(name);
		}
		this.wasCut = false;
		this.show();
	}

	// Who leaves now isn't known until the next list.
	cut() {
		this.wasCut = true;
		for (const timer of this.arriving.values())
			clearTimeout(timer);
	}

	// Told only after a while: a script that says a line would make two notices,
	// and a screen reader says even one that is taken back.
	join(name) {
		if (this.names.size >= NAMES_MAX)
			return;
		this.names.add(name);
		this.show();
		if (!this.arriving.has(name) && this.arriving.size < NAMES_MAX)
			this.expect(name);
	}

	expect(name) {
		this.arriving.set(name, setTimeout(() => {
			this.arriving.delete(name);
			this.transcript.notice(`${name} is here`);
		}, BRIEFLY));
	}

	part(name) {
		const timer = this.arriving.get(name);

		this.names.delete(name);
		this.show();
		if (timer === undefined) {
			this.transcript.notice(`${name} has left`);
			return;
		}
		clearTimeout(timer);
		this.arriving.delete(name);
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
