// The room at the other end of a WebSocket: chat(7), on a connection that
// breaks and comes back. A frame is no line: what comes is a stream of bytes.

import { encode } from './text.js';

const SOH = '\x01';
const HISTORY = 100;			// lines to begin with
const LINE_MAX = 8192;			// UTF-16 units of a line from any room
const NUMBER_MAX = (1n << 64n) - 1n;
const SECONDS_MAX = 8.64e12;		// that a Date can have
const OWED_MAX = 100;			// settled lines whose place isn't known
const UNSETTLED_MAX = 1000;		// lines that wait for the room

// Milliseconds.
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10000;
const ANSWER = 20000;			// for an answer before the room is given up
const SILENCE = 30000;			// before it is asked whether it is there
const LATE = 2000;			// before it is said that it does not answer
const LOOK = 1000;

// What no room says: the connection ends for it.
class NotARoom extends Error {}

function number(s) {
	if (!/^\d{1,20}$/.test(s) || BigInt(s) > NUMBER_MAX)
		throw new NotARoom('what answers is not a chat room');
	return BigInt(s);
}

// 128 random bits; randomUUID would need https.
function token() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));

	return Array.from(bytes, b => b.toString(16).padStart(2, '0')).join('');
}

function areNames(names) {
	return names.every(name => /^[A-Za-z0-9._-]{1,32}$/.test(name));
}

// The handlers in on are called with what happens:
//	up(forgotten, doubtful)	the room has answered; lines may be there twice
//	down(why)		there is no connection any more, or still none
//	late(lines)		so many lines are not taken yet, for a while now
//	message(line, seconds)	somebody else has said it, then
//	settled(line)		one of ours is in the room
//	placed(line)		and its place is here
//	refused(line, reason)	one of ours is not in the room
//	lost(n)			so many lines are missing here; undefined: unknown
//	says(reason)		a complaint about none of our lines
//	here(names) join(name) part(name) nameless()
// A line is what say() returns.
export class Room {
	constructor(url, on) {
		this.url = url;
		this.on = on;
		this.session = token();
		this.name = '';		// that this room has for us, if any
		this.socket = null;
		this.answered = false;	// on this connection
		this.met = false;	// on any
		this.next = null;	// the number of the next message
		this.lines = 0;		// said in this session
		this.settled = 0;	// of them
		this.own = [];		// those whose place isn't known, in order
		this.owed = 0n;		// lines that the numbers have left out
		this.lost = 0n;		// of them, not ours
		this.lostUnknown = false;
		this.wait = FIRST_WAIT;
		this.timer = 0;
		this.look = setInterval(() => this.lookAtClock(), LOOK);
	}

	connect() {
		clearTimeout(this.timer);
		this.timer = 0;
		this.answered = this.asked = this.isLate = false;
		this.bye = null;
		this.seconds = undefined;
		this.rest = '';
		this.name = '';
		this.names = [];
		this.heardAt = this.progressAt = Date.now();
		this.decoder = new TextDecoder('utf-8', { ignoreBOM: true });
		// lighttpd answers this protocol whether it's asked for or not.
		const socket = this.socket = new WebSocket(this.url, 'binary');
		socket.binaryType = 'arraybuffer';
		socket.onopen = () => this.introduce();
		socket.onmessage = event => this.take(event.data);
		socket.onclose = () => this.close();
	}

	// The network is back, or the person.
	hurry() {
		if (this.socket !== null)
			return;
		this.wait = FIRST_WAIT;
		this.connect();
	}

	// Queue a line; returns it, or null if too many wait.
	say(text) {
		if (this.unsettled().length >= UNSETTLED_MAX)
			return null;
		if (this.unsettled().length === 0)
			this.progressAt = Date.now();
		const line = { text, n: ++this.lines, sent: false, settled: false };
		this.own.push(line);
		if (this.answered)
			this.transmit(line);
		return line;
	}

	// Ask who is here.
	who() {
		if (this.answered)
			this.send(SOH + 'who');
	}

	unsettled() {
		return this.own.filter(line => !line.settled);
	}

	send(line) {
		if (this.socket?.readyState === WebSocket.OPEN)
			this.socket.send(encode(line + '\n'));
	}

	transmit(line) {
		line.sent = true;
		this.send(line.text);
	}

	introduce() {
		const from = this.next === null ? `last=${HISTORY}` : `from=${this.next}`;

		this.send(`${SOH}chat ${from} times presence session=${this.session}`);
	}

	take(data) {
		this.heardAt = Date.now();
		this.asked = false;
		this.rest += typeof data === 'string' ? data :
		    this.decoder.decode(data, { stream: true });
		const lines = this.rest.split('\n');
		this.rest = lines.pop();
		try {
			for (const line of lines)
				this.hear(line);
			if (this.rest.length > LINE_MAX)
				throw new NotARoom('what answers is not a chat room');
		} catch (e) {
			if (!(e instanceof NotARoom))
				throw e;
			this.bye = e.message;
			this.wait = LONGEST_WAIT;
			this.close();
		}
	}

	hear(line) {
		if (line.length > LINE_MAX)
			throw new NotARoom('what answers is not a chat room');
		if (line.startsWith(SOH)) {
			const [word, ...args] = line.slice(1).split(' ');
			this.control(word, args, args.join(' '));
			return;
		}
		if (!this.answered)
			throw new NotARoom('what answers is not a chat room');
		if (this.next !== null)
			this.next++;
		this.on.message(line, this.seconds);
	}

	// A word that it doesn't know is ignored.
	control(word, args, arg) {
		switch (word) {
		case 'at': return this.at(number(arg));
		case 'ok': return this.ok(Number(number(args[0])), args[1] === 'new');
		case 'error': return this.error(number(args[0]), args.slice(1).join(' '));
		case 'lost': return this.lose(arg === '?' ? undefined : number(arg));
		case 'time': return this.time(Number(number(arg)));
		case 'bye': this.bye = `the room closed the connection: ${arg}`; return;
		case 'here': return areNames(args) && this.here(args);
		case 'you': return areNames([arg]) && this.you(arg);
		case 'join':
		case 'part': return areNames([arg]) && this.on[word](arg);
		}
	}

	time(seconds) {
		if (seconds <= SECONDS_MAX)
			this.seconds = seconds;
	}

	// It comes before the answer.
	you(name) {
		this.name = name;
	}

	// A list has an end of its own. No room has more people than that.
	here(names) {
		if (names.length === 0) {
			this.on.here(this.names);
			this.names = [];
		} else if (this.names.length < 100000) {
			this.names.push(...names);
		}
	}

	ok(n, isNew) {
		if (!this.answered)
			this.welcome(n, isNew);
		else if (n < this.settled || n > this.lines)
			throw new NotARoom('what answers is not a chat room');
		this.settle(n);
	}

	// The answer to the role. A room that knows fewer lines of this session than
	// it has said before has forgotten it, in whole or in part.
	welcome(n, isNew) {
		const waiting = this.unsettled();
		const forgotten = this.met && (isNew || n < this.settled) && this.lines > 0;
		const doubtful = waiting.filter(line => line.sent).length;

		if (forgotten || !this.met)
			this.beginSession(n, waiting);
		if (n > this.lines || !this.met && n > 0)
			throw new NotARoom('what answers is not a chat room');
		this.answered = this.met = true;
		this.wait = FIRST_WAIT;
		this.on.up(forgotten, forgotten ? doubtful : 0);
		for (const line of waiting.filter(line => line.n > n))
			this.transmit(line);
	}

	// What another room has settled comes before all of this one.
	beginSession(n, waiting) {
		this.place(this.own.length);
		waiting.forEach((line, i) => {
			line.n = n + i + 1;
		});
		this.settled = n;
		this.lines = n + waiting.length;
		this.owed = 0n;
	}

	settle(n) {
		if (n > this.settled)
			this.progressAt = Date.now();
		this.settled = n;
		for (const line of this.own) {
			if (line.n > n)
				break;
			if (!line.settled) {
				line.settled = true;
				this.on.settled(line);
			}
		}
		this.placeOwed();
		// Rather in a wrong place than in none.
		this.place(this.own.length - this.unsettled().length - OWED_MAX);
	}

	// The first of the settled ones have their place here.
	place(count) {
		while (count-- > 0 && this.own.length > 0 && this.own[0].settled)
			this.on.placed(this.own.shift());
	}

	placeOwed() {
		while (this.owed > 0n && this.own.length > 0 && this.own[0].settled) {
			this.owed--;
			this.on.placed(this.own.shift());
		}
		if (this.own.length === 0)
			this.owed = 0n;
	}

	// What the numbers leave out is ours, or lost. Where all may be lost nobody
	// knows how many of them are ours.
	at(n) {
		if (this.next !== null) {
			const leftOut = n - this.next;
			if (leftOut < 0n || this.lostUnknown ||
			    this.lost > 0n && this.lost >= leftOut)
				this.place(this.own.length);
			else
				this.owed += leftOut - this.lost;
			this.placeOwed();
		}
		this.lost = 0n;
		this.lostUnknown = false;
		this.next = n;
	}

	lose(n) {
		if (n === undefined)
			this.lostUnknown = true;
		else
			this.lost += n;
		this.on.lost(n);
	}

	error(n, reason) {
		const i = this.own.findIndex(line => !line.settled && BigInt(line.n) === n);

		if (n > 0n && i >= 0)
			this.on.refused(this.own.splice(i, 1)[0], reason);
		else if (n === 0n && reason.startsWith('this room does not name'))
			this.on.nameless();
		else
			this.on.says(reason);
	}

	// Also when the socket itself doesn't know yet that it's dead.
	close() {
		const socket = this.socket;

		if (socket === null)
			return;
		socket.onopen = socket.onmessage = socket.onclose = null;
		this.socket = null;
		socket.close();
		const why = this.bye ?? (this.answered ? 'connection lost' :
		    'Unable to connect to server');
		this.answered = false;
		this.timer = setTimeout(() => this.connect(),
		    this.wait * (0.5 + Math.random() / 2));
		this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
		this.on.down(why);
	}

	// A connection can be dead without a word, and browsers don't look.
	lookAtClock() {
		const now = Date.now(), waiting = this.unsettled().length;

		if (this.socket === null)
			return;
		if (now - this.heardAt > ANSWER && (!this.answered || this.asked)) {
			this.close();
			return;
		}
		if (this.answered && !this.asked && now - this.heardAt > SILENCE) {
			this.heardAt = now;
			this.asked = true;
			this.who();
		}
		const late = this.answered && waiting > 0 && now - this.progressAt > LATE;
		if (late || this.isLate)
			this.on.late(late ? waiting : 0);
		this.isLate = late;
	}
}
