// view: the stretch of time that all panels show, the colours, and what is selected.

const SPAN_LEAST = 20; // microseconds

const view = {
	from: 0, to: 1, end: 1, // microseconds; all of it is 0 to end
	selected: null, // {run, task}
	matches: null, // of each run, a byte a task: search found it; null: nothing is searched for
	showPath: false,
	colors: {},
	redraws: [], // called once a frame, when something has changed
	pending: false,
};

function viewChanged() {
	if (!view.pending) {
		view.pending = true;
		requestAnimationFrame(viewDraw);
	}
}

function viewDraw() {
	view.pending = false;
	for (const redraw of view.redraws) {
		redraw();
	}
}

function viewShow(from, to) {
	const span = Math.min(Math.max(to - from, SPAN_LEAST), view.end);
	view.from = Math.min(Math.max(from, 0), view.end - span);
	view.to = view.from + span;
	viewChanged();
}

// Factor 2: half the time is seen, `at` stays where it is.
function viewZoom(factor, at) {
	const anchor = at === undefined ? (view.from + view.to) / 2 : at;
	viewShow(anchor - (anchor - view.from) / factor, anchor + (view.to - anchor) / factor);
}

function viewPan(part) {
	const step = (view.to - view.from) * part;
	viewShow(view.from + step, view.to + step);
}

function viewIsWhole() {
	return view.to - view.from >= view.end * 0.9999;
}

// A task is brought into view, with something around it where it was not.
function viewReveal(run, task) {
	const start = run.start[task], end = start + run.wall[task], span = view.to - view.from;
	if (start < 0 || (end > view.from && start < view.to)) {
		return;
	}
	viewShow(start + (end - start) / 2 - span / 2, start + (end - start) / 2 + span / 2);
}

function viewZoomTo(run, task) {
	const start = run.start[task];
	if (start >= 0) {
		const margin = Math.max(run.wall[task] * 0.75, SPAN_LEAST);
		viewShow(start - margin, start + run.wall[task] + margin);
	}
}

// The colours that the style sheet gives to this theme.
function viewReadColors() {
	const style = getComputedStyle(document.documentElement);
	for (const name of ["cpu", "mixed", "wait", "earlier", "bad", "ink", "soft", "faint", "line", "card",
		"lane", "accent", "cores", "tasks", "on-cpu", "on-mixed", "on-wait"]) {
		view.colors[name] = style.getPropertyValue("--" + name).trim();
	}
	view.colors.kinds = [view.colors.cpu, view.colors.mixed, view.colors.wait, view.colors.earlier];
	view.colors.onKinds = [view.colors["on-cpu"], view.colors["on-mixed"], view.colors["on-wait"], view.colors.ink];
	view.colors.hatches = null;
}

// Stripes, so that a failure is seen without colours as well.
function viewHatch(context, color) {
	const tile = document.createElement("canvas");
	tile.width = tile.height = 8;
	const pen = tile.getContext("2d");
	pen.strokeStyle = color;
	pen.lineWidth = 2;
	pen.beginPath();
	for (const shift of [-8, 0, 8]) {
		pen.moveTo(shift - 1, 9);
		pen.lineTo(shift + 9, -1);
	}
	pen.stroke();
	return context.createPattern(tile, "repeat");
}

// Round steps of the axis, so that labels do not touch.
function viewTicks(width) {
	const span = view.to - view.from, least = span / Math.max(2, width / 110);
	const power = Math.pow(10, Math.floor(Math.log10(least)));
	let step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least);
	if (least > 10 * US) {
		step = [15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400]
			.map((n) => n * US).find((n) => n >= least) || Math.ceil(least / (86400 * US)) * 86400 * US;
	}
	step = Math.max(step, 1);
	const ticks = [];
	for (let at = Math.ceil(view.from / step - 1e-9) * step; at <= view.to; at += step) {
		ticks.push(at);
	}
	return {step, ticks};
}

// 1.25 s, with as many digits as the step needs; minutes and hours from there on.
function viewTickLabel(at, step) {
	if (step >= 15 * US) {
		const seconds = Math.round(at / US), two = (n) => String(n).padStart(2, "0");
		const minutes = two(Math.floor(seconds / 60) % 60) + ":" + two(seconds % 60);
		return view.to >= 3600 * US ? Math.floor(seconds / 3600) + ":" + minutes : minutes;
	}
	const [unit, word] = view.to >= US ? [US, " s"] : view.to >= 1000 ? [1000, " ms"] : [1, " µs"];
	const digits = Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9));
	return (at / unit).toFixed(digits) + word;
}
