// The transcript: rows that scroll by. What comes is drawn a frame at a time,
// or a fast room would leave no time for typing.

import { colour, isForged, isYou, pieces, safe, split } from './text.js';

const KEEP = 5000;			// rows; older ones go
const PER_FRAME = 500;			// rows that are drawn at once
const NEAR = 40;			// pixels from the end that count as there

function element(tag, className, ...content) {
	const e = document.createElement(tag);

	if (className)
		e.className = className;
	e.append(...content);
	return e;
}

function clock(date) {
	const two = n => String(n).padStart(2, '0');
	const e = element('time', '',
	    `${two(date.getHours())}:${two(date.getMinutes())}`);

	e.dateTime = date.toISOString();
	return e;
}

// As in "Sunday, 29 November", with the year if that isn't the present one.
function dayName(date) {
	const part = options => date.toLocaleDateString('en-GB', options);
	const year = date.getFullYear() === new Date().getFullYear() ? {} :
	    { year: 'numeric' };

	return `${part({ weekday: 'long' })}, ` +
	    part({ day: 'numeric', month: 'long', ...year });
}

function link(url) {
	const a = element('a', '', url);

	a.href = url;
	a.target = '_blank';
	a.rel = 'noopener noreferrer';
	return a;
}

// Its own direction keeps it from turning round what stands beside it.
function said(text, name) {
	const span = element('span', 'text');

	span.dir = 'auto';
	for (const [kind, s] of pieces(text, name)) {
		if (kind === 'link')
			span.append(link(s));
		else
			span.append(kind === 'mention' ? element('mark', '', s) : s);
	}
	return span;
}

function speaker(name) {
	return element('bdi', `name c${colour(name)}`, safe(name));
}

// What others say, as it came. What could be taken for ours has a mark.
function messageRow(line, date, me) {
	const [name, text] = split(line);
	const shown = safe(name === '' || isYou(name) ? line : text);
	const row = element('p', 'message', clock(date));

	if (isForged(line))
		row.append(element('span', 'forged', '| '));
	if (name !== '' && !isYou(name))
		row.append(speaker(name), ': ');
	row.append(said(shown, me));
	if (row.querySelector('mark') !== null)
		row.classList.add('mention');
	return row;
}

// The person's own; without "You: " before what has the name in it already.
function ownRow(text, date, isAction) {
	const row = element('p', 'own', clock(date));

	if (!isAction)
		row.append(element('b', '', 'You'), ': ');
	row.append(said(safe(text), null));
	return row;
}

export class Transcript {
	// scroller scrolls log and waiting; below is shown where it isn't at its end.
	constructor(scroller, log, waiting, below) {
		this.scroller = scroller;
		this.log = log;
		this.waiting = waiting;
		this.below = below;
		this.fresh = [];	// rows to draw
		this.frame = 0;
		this.day = '';
		this.atEnd = true;
		scroller.addEventListener('scroll', () => this.scrolled());
		below.addEventListener('click', () => this.toEnd());
		new ResizeObserver(() => this.follow()).observe(scroller);
	}

	// What somebody else has said; whether it has the name me in it.
	message(line, date, me) {
		this.dayOf(date);
		this.add(() => messageRow(line, date, me));
		return pieces(safe(split(line)[1]), me).some(([kind]) => kind === 'mention');
	}

	// A notice of ours.
	notice(text, className = '') {
		this.add(() => {
			const row = element('p', `notice ${className}`, '-- ');
			row.append(said(safe(text), null));
			return row;
		});
	}

	// A line of the person's own that isn't in the room yet: it stands below all.
	own(text, isAction) {
		const date = new Date();
		const row = { date, node: ownRow(text, date, isAction) };

		row.node.classList.add('waiting');
		this.waiting.append(row.node);
		this.toEnd();
		return row;
	}

	settled(row) {
		row.node.classList.remove('waiting');
	}

	// Its place is here.
	placed(row) {
		this.dayOf(row.date);
		row.node.classList.remove('waiting');
		this.add(() => row.node, row.node);
	}

	refused(row, reason) {
		row.node.classList.replace('waiting', 'refused');
		row.node.append(element('span', 'why', ` (not said: ${safe(reason)})`));
		this.add(() => row.node, row.node);
	}

	// One that the person has said elsewhere, under a name that the room vouches for.
	elsewhere(text, date) {
		this.dayOf(date);
		this.add(() => ownRow(text, date, false));
	}

	dayOf(date) {
		const day = date.toDateString();

		if (day === this.day)
			return;
		this.day = day;
		this.notice(dayName(date), 'day');
	}

	// The node is there already if it is one of the person's own.
	add(build, node = null) {
		this.fresh.push({ build, node });
		if (this.fresh.length > KEEP)
			this.fresh.shift().node?.remove();
		this.draw();
	}

	// A page that nobody sees gets no frames: what comes is kept, as far as it
	// would be.
	draw() {
		if (this.frame !== 0)
			return;
		this.frame = requestAnimationFrame(() => {
			this.frame = 0;
			this.drawSome();
			if (this.fresh.length > 0)
				this.draw();
		});
	}

	drawSome() {
		this.log.append(...this.fresh.splice(0, PER_FRAME).map(row => row.build()));
		while (this.log.childElementCount > KEEP)
			this.log.firstElementChild.remove();
		this.follow();
	}

	scrolled() {
		const s = this.scroller;

		this.atEnd = s.scrollHeight - s.scrollTop - s.clientHeight < NEAR;
		if (this.atEnd)
			this.below.hidden = true;
	}

	// New rows are seen, unless the person reads older ones.
	follow() {
		if (this.atEnd)
			this.scroller.scrollTop = this.scroller.scrollHeight;
		else
			this.below.hidden = false;
	}

	toEnd() {
		this.atEnd = true;
		this.below.hidden = true;
		this.follow();
	}

	page(direction) {
		this.scroller.scrollBy(0, direction * this.scroller.clientHeight * 0.9);
	}
}
