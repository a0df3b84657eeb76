// Text from the network and for it: what may be shown, what may be said.

export const TEXT_MAX = 4095;		// bytes of a line without its LF: chat(7)
const NAME_MAX = 63;			// bytes of a name before a colon
const COLOURS = 12;

const encoder = new TextEncoder();

// Joiners and variation selectors, which emoji and many scripts need, count as
// marks: at most 8 of them stand on one character.
const MARK = '[\\p{M}\\u200c\\u200d]';
const TOO_MANY_MARKS = new RegExp(`^${MARK}+|(?<=${MARK}{8})${MARK}+`, 'gu');

// What is invisible, turns text round, or is no character: chat(1) shows the
// same. Marks and TAB are let through.
const UNSEEN = new RegExp('(?![\\t\\u200c\\u200d\\ufe00-\\ufe0f' +
    '\\u{e0100}-\\u{e01ef}])[\\p{Cc}\\p{Cn}\\p{Cs}\\p{Default_Ignorable_Code_Point}' +
    '\\p{Bidi_Control}\\u2028\\u2029\\ufff9-\\ufffb]', 'gu');

// Dashes, and what looks like them. Two make the beginning of a notice, and so
// does one that is as long as two.
const DASH = '[\\p{Pd}\\u02d7\\u06d4\\u1173\\u1fc0\\u2043\\u2053\\u207b\\u208b\\u2212' +
    '\\u23af\\u23ba-\\u23bd\\u23e4\\u2500\\u2501\\u2504\\u2505\\u2508\\u2509\\u254c' +
    '\\u254d\\u2574\\u2576\\u2578\\u257a\\u257c\\u257e\\u25ac\\u2796\\u2cba\\u2f00' +
    '\\u30fc\\u3161\\u31d0\\u4e00\\ua7f7\\uff70\\uffda]';
const LIKE_A_NOTICE = new RegExp(
    `^[\\s\\u2800]*(${DASH}[\\s\\u2800]*${DASH}|[\\u2e3a\\u2e3b])`, 'u');
const LIKE_MINE = /^[\s\u2800]*you[\s\u2800]*:/iu;
const MARKS = new RegExp(MARK, 'gu');

const LINK = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?')\]}])/iu;

export function encode(text) {
	return encoder.encode(text);
}

export function byteCount(text) {
	return encode(text).length;
}

function nameUnseen(c) {
	const code = c.codePointAt(0);

	if (code < 0x20 || code === 0x7f)
		return '^' + String.fromCharCode(code ^ 0x40);
	return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

// The text as it may be shown, whoever has sent it.
export function safe(text) {
	return text.replace(UNSEEN, nameUnseen).replace(TOO_MANY_MARKS, '');
}

// Why a room would not take the text as a line, or ''. Up to most bytes of it
// are allowed.
export function fault(text, most) {
	const control = /(?!\t)\p{Cc}/u.exec(text);

	if (control) {
		const code = control[0].codePointAt(0).toString(16);
		return `control character U+${code.toUpperCase().padStart(4, '0')}` +
		    ` at byte ${byteCount(text.slice(0, control.index)) + 1}`;
	}
	return byteCount(text) > most ? `longer than ${most} bytes` : '';
}

// Why it is no name for a line to begin with, or ''.
export function nameFault(name) {
	if (name === '')
		return 'Others have to call you something.';
	if (/[\s:]/u.test(name))
		return 'A name has no blanks and no colons.';
	if (isYou(name))
		return 'That is what your own lines begin with.';
	if (byteCount(name) > NAME_MAX || safe(name) !== name)
		return 'That is too long, or has characters that nobody sees.';
	return '';
}

// A message as who has said it, '' if nobody knows, and what.
export function split(line) {
	const m = /^([^\s:]+): (.*)$/su.exec(line);

	return m && byteCount(m[1]) <= NAME_MAX ? [m[1], m[2]] : ['', line];
}

// Joiners and other marks may stand anywhere in a text, and not be seen.
function bare(text) {
	return safe(text).normalize('NFKC').replace(MARKS, '');
}

export function isYou(name) {
	return bare(name).trim().toLowerCase() === 'you';
}

// Whether the text of somebody else could be taken for a notice of ours, or for
// a line of the person's own.
export function isForged(text) {
	return LIKE_A_NOTICE.test(safe(text).replace(MARKS, '')) ||
	    LIKE_MINE.test(bare(text));
}

// Which of the colours a name has, the same in every front end: 32-bit FNV-1a.
export function colour(name) {
	let hash = 0x811c9dc5;

	for (const byte of encode(name))
		hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
	return hash % COLOURS;
}

// A regular expression that finds the name as a whole word; null without one.
export function mention(name) {
	if (!name)
		return null;
	const word = name.replace(/[^\p{L}\p{N}]/gu,
	    c => `\\u{${c.codePointAt(0).toString(16)}}`);
	return new RegExp(`(?<![\\p{L}\\p{N}_])(${word})(?![\\p{L}\\p{N}_])`, 'iu');
}

// Safe text as pieces [KIND, TEXT]: 'text', 'link', 'mention'.
export function pieces(text, name) {
	const own = mention(name), found = [];

	text.split(LINK).forEach((part, i) => {
		if (i % 2 === 1)
			found.push([URL.canParse?.(part) === false ? 'text' : 'link', part]);
		else if (own === null)
			found.push(['text', part]);
		else
			part.split(new RegExp(own, 'giu')).forEach((s, k) =>
				found.push([k % 2 === 1 ? 'mention' : 'text', s]));
	});
	return found.filter(([, s]) => s !== '');
}
