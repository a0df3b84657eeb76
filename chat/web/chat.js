// A person in a chat room, in a browser: what is typed goes to room.js, what is
// said to transcript.js.

import { People } from './people.js';
import { Room } from './room.js';
import { byteCount, fault, nameFault, split, TEXT_MAX } from './text.js';
import { Transcript } from './transcript.js';

const REMEMBERED = 100;			// own lines that the arrow keys bring back
const SHOWN = 20;			// lines of a paste that is asked about
const LISTED = 1000;			// names in an answer to /who

const HELP = [
	'/who        who is here',
	'/me TEXT    say what you do',
	'/name NAME  be called so, in a room that does not name its speakers',
	'/help       this list',
	'//          begins a line with a single /',
];

const $ = id => document.getElementById(id);
const transcript = new Transcript($('scroller'), $('log'), $('waiting'), $('below'));
const people = new People(transcript, $('people'), $('here'));
const started = Math.floor(Date.now() / 1000);

let verified = '';			// the room's name for us, where it has one
let chosen = remembered();		// ours, where it has none
let asked = false;			// for /who
let why = '';				// there is no connection, as shown
let cutAt = '';				// and since when
let missed = 0;				// messages while nobody looked
let mentioned = false;			// in one of them
let past = [];				// own lines
let pastAt = 0;				// the one that is in the entry field
let draft = '';				// what was typed, while one of them is there

// Storage may be forbidden.
function remembered() {
	try {
		return localStorage.getItem('name') ?? '';
	} catch {
		return '';
	}
}

function remember(name) {
	try {
		localStorage.setItem('name', name);
	} catch {
		// It is asked for again the next time.
	}
}

function state(text) {
	$('state').textContent = text;
}

function showTitle() {
	document.title = missed === 0 ? 'chat' :
	    `(${missed}${mentioned ? '!' : ''}) chat`;
}

function isLooking() {
	return !document.hidden && document.hasFocus();
}

function looks() {
	missed = 0;
	mentioned = false;
	showTitle();
}

// What was said before the page was opened is no news.
function countMissed(seconds, isMention) {
	if (isLooking() || seconds < started)
		return;
	missed++;
	mentioned ||= isMention;
	showTitle();
}

function connectedAs() {
	const name = verified || chosen;

	state(name === '' ? 'connected' : `connected as ${name}`);
}

function prefix() {
	return verified || chosen === '' ? '' : `${chosen}: `;
}

// Where the room has no name for us, others have to call us something.
function askName(isAsked) {
	$('name-form').hidden = !isAsked;
	$('line-form').hidden = isAsked;
	$('rename').hidden = verified !== '' || chosen === '';
	$('rename').textContent = chosen;
	$('rename').setAttribute('aria-label', `Your name: ${chosen}. Change it`);
	$('name-fault').textContent = '';
	$('name').value = chosen;
	$(isAsked ? 'name' : 'line').focus();
}

function takeName(name) {
	const wrong = nameFault(name);

	if (wrong !== '')
		return wrong;
	chosen = name;
	remember(name);
	askName(false);
	connectedAs();
	return '';
}

const room = new Room(new URL('ws', location.href.replace(/^http/, 'ws')), {
	up(forgotten, doubtful) {
		verified = room.name;
		if (verified !== '')
			room.who();
		if (why !== '')
			transcript.notice('connected');
		why = cutAt = '';
		connectedAs();
		if (forgotten)
			transcript.notice('the room has forgotten this session' +
			    (doubtful === 0 ? '' : `: ${lines(doubtful)} may be there twice`),
			    'fault');
		if (verified === '' && chosen === '')
			askName(true);
		else if ($('name-form').hidden || verified !== '')
			askName(false);
	},
	down(reason) {
		people.cut();
		if (reason !== why)
			transcript.notice(`${reason}, retrying`, 'fault');
		why = reason;
		cutAt ||= new Date().toTimeString().slice(0, 5);
		state(`not connected since ${cutAt}, retrying`);
	},
	late(count) {
		if (count > 0)
			state(`the room does not answer; waiting: ${lines(count)}`);
		else
			connectedAs();
	},
	message(line, seconds) {
		const date = new Date((seconds ?? Date.now() / 1000) * 1000);
		const [name, text] = split(line);

		if (verified !== '' && name === verified)
			transcript.elsewhere(text, date);
		else
			countMissed(seconds, transcript.message(line, date, verified || chosen));
	},
	settled: line => transcript.settled(line.row),
	placed: line => transcript.placed(line.row),
	refused(line, reason) {
		transcript.refused(line.row, reason);
	},
	lost(n) {
		transcript.notice(`${n === undefined ? 'an unknown number of lines' :
		    lines(n)} lost`, 'fault');
	},
	says: reason => transcript.notice(`the room says: ${reason}`, 'fault'),
	here(names) {
		people.here(names);
		if (asked)
			transcript.notice(`here: ${listed(names)}`);
		asked = false;
	},
	join: name => people.join(name),
	part: name => people.part(name),
	nameless() {
		people.here([]);
		if (asked)
			transcript.notice('this room does not name its speakers');
		asked = false;
	},
});

function listed(names) {
	const more = names.length - LISTED;

	return names.slice(0, LISTED).join(', ') +
	    (more > 0 ? `, and ${more} more` : '');
}

function lines(n) {
	return `${n} line${Number(n) === 1 ? '' : 's'}`;
}

// Say the texts, each a line, or none of them; whether they are said.
function say(texts, isAction = false) {
	const before = isAction ? '' : prefix();
	const most = TEXT_MAX - byteCount(before);

	// Until then nobody knows whether a name has to stand before them.
	if (!room.met) {
		transcript.notice('not sent yet: the room has not answered', 'fault');
		return false;
	}
	for (const [i, text] of texts.entries()) {
		const wrong = fault(text, most);
		if (wrong === '')
			continue;
		transcript.notice(`not sent: ${texts.length > 1 ? `line ${i + 1}: ` : ''}` +
		    wrong, 'fault');
		return false;
	}
	for (const text of texts) {
		const line = room.say(before + text);
		if (line === null) {
			transcript.notice('not sent: the room is behind', 'fault');
			return false;
		}
		line.row = transcript.own(text, isAction && !verified);
	}
	return true;
}

// What was typed; whether the entry field can be cleared.
function enter(text) {
	const [, command, rest] = /^(\/\S*)\s*(.*)$/su.exec(text) ?? [];

	if (command === undefined)
		return say([text]);
	if (command.startsWith('//'))
		return say([text.slice(1)]);
	switch (command) {
	case '/me':
		return act(rest);
	case '/who':
		asked = true;
		room.who();
		return true;
	case '/help':
		HELP.forEach(s => transcript.notice(s, 'help'));
		return true;
	case '/name':
		return rename(rest);
	}
	transcript.notice('not sent: no such command; /help lists commands, ' +
	    'and // begins a line with /', 'fault');
	return false;
}

function act(text) {
	if (text !== '')
		return say([verified ? `* ${text}` : `* ${chosen} ${text}`], true);
	transcript.notice('not sent: /me needs what you do, as in /me waves', 'fault');
	return false;
}

function rename(name) {
	const wrong = verified ? `this room calls you ${verified}` : takeName(name);

	if (wrong !== '')
		transcript.notice(wrong, 'fault');
	return wrong === '';
}

function put(text) {
	$('line').value = text;
	$('line').setSelectionRange(text.length, text.length);
}

// Up and Down bring back own lines, as in a shell; the line that was being typed
// is below the last one.
function recall(step) {
	const at = pastAt + step;

	if (at < 0 || at > past.length)
		return;
	if (pastAt === past.length)
		draft = $('line').value;
	pastAt = at;
	put(past[at] ?? draft);
}

function emptyField() {
	pastAt = past.length;
	put('');
}

function sent(text) {
	past = [...past, text].slice(-REMEMBERED);
	emptyField();
}

// Lines that are pasted could be thousands, or not meant for others.
function askToSend(texts) {
	const more = texts.length - SHOWN;

	$('ask-what').textContent = `Send ${lines(texts.length)}?`;
	$('ask-lines').textContent = texts.slice(0, SHOWN).join('\n') +
	    (more > 0 ? `\n... and ${lines(more)} more` : '');
	$('ask').returnValue = '';
	$('ask').onclose = () => {
		if ($('ask').returnValue === 'send' && say(texts))
			emptyField();
		$('line').focus();
	};
	$('ask').showModal();
}

$('line').addEventListener('paste', event => {
	const pasted = event.clipboardData.getData('text')
	    .replace(/(?<![\r\n])[\r\n]+$/, '');
	const { value, selectionStart, selectionEnd } = $('line');

	// The browser drops the end of a single line.
	if (!/[\r\n]/.test(pasted))
		return;
	event.preventDefault();
	askToSend((value.slice(0, selectionStart) + pasted +
	    value.slice(selectionEnd)).split(/\r\n|\r|\n/));
});

$('line-form').addEventListener('submit', event => {
	const text = $('line').value;

	event.preventDefault();
	if (text !== '' && enter(text))
		sent(text);
});

$('name-form').addEventListener('submit', event => {
	event.preventDefault();
	$('name-fault').textContent = takeName($('name').value.trim());
});

$('rename').addEventListener('click', () => askName(true));

$('line').addEventListener('keydown', event => {
	const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
	const page = { PageUp: -1, PageDown: 1 }[event.key];

	if (event.isComposing || step === undefined && page === undefined)
		return;
	event.preventDefault();
	if (step !== undefined)
		recall(step);
	else
		transcript.page(page);
});

document.addEventListener('keydown', event => {
	if (event.key !== 'Escape' || $('ask').open)
		return;
	if (!$('name-form').hidden && chosen !== '')
		askName(false);
	people.open(false);
	$('line').focus();
});

document.addEventListener('visibilitychange', () => {
	if (isLooking())
		looks();
	if (!document.hidden)
		room.hurry();
});
addEventListener('focus', looks);
addEventListener('online', () => room.hurry());

// Lines that the room has not taken would be gone with the page.
addEventListener('beforeunload', event => {
	if (room.unsettled().length > 0)
		event.preventDefault();
});

state('connecting');
askName(false);
room.connect();
