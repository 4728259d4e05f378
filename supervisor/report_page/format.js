"use strict";
// format: what people read: times, sizes, counts; and elements, whose text is only ever text.

const US = 1e6;

// 12 µs, 3.45 ms, 1.23 s, 2 min 03 s, 1 h 02 min
function formatTime(us) {
	if (us < 0) {
		return "−" + formatTime(-us);
	}
	if (us < 999.5) {
		return Math.round(us) + " µs";
	}
	if (us < 999500) {
		return significant(us / 1000) + " ms";
	}
	if (us < 99.95 * US) {
		return significant(us / US) + " s";
	}
	const seconds = Math.round(us / US);
	const two = (n) => String(n).padStart(2, "0");
	if (seconds < 3600) {
		return Math.floor(seconds / 60) + " min " + two(seconds % 60) + " s";
	}
	return Math.floor(seconds / 3600) + " h " + two(Math.floor((seconds % 3600) / 60)) + " min";
}

function significant(n) {
	return n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2);
}

// Seconds for a table: all with as many digits, so that they line up.
function formatSeconds(us) {
	return (us / US).toFixed(view.end < US ? 6 : 4);
}

function formatCount(n) {
	return n.toLocaleString("en");
}

function formatBytes(bytes) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let unit = 0;
	while (bytes >= 1024 && unit < units.length - 1) {
		bytes /= 1024;
		unit++;
	}
	return (unit === 0 ? bytes : significant(bytes)) + " " + units[unit];
}

function formatPercent(part) {
	return Math.round(100 * part) + " %";
}

function formatDate(us) {
	return new Date(us / 1000).toLocaleString([], {dateStyle: "medium", timeStyle: "medium"});
}

function plural(n, word) {
	return formatCount(n) + " " + word + (n === 1 ? "" : "s");
}

// make("p", {className: "note"}, "text", child...): nothing is ever parsed as HTML.
function make(tag, members, ...children) {
	const element = document.createElement(tag);
	for (const [key, value] of Object.entries(members || {})) {
		if (key.includes("-") || key === "role" || key === "scope" || key === "for") {
			element.setAttribute(key, value);
		} else {
			element[key] = value;
		}
	}
	element.append(...children.filter((child) => child !== null && child !== undefined));
	return element;
}

function byId(id) {
	return document.getElementById(id);
}

function button(label, act, members) {
	const made = make("button", {type: "button", ...members}, label);
	made.addEventListener("click", act);
	return made;
}

// Said by screen readers.
function say(text) {
	byId("said").textContent = text;
}
