// panel: the picture of one run, lanes above areas, and what pointer and keys do in it. All panels
// share one axis.

const PADDING = 14; // right of the plot
const SECTION_GAP = 12;

// Where the plot is in a canvas of this width.
function plotOf(width) {
	const narrow = width < 640;
	const x = narrow ? 46 : 104;
	const plot = {x, width: Math.max(50, width - x - (narrow ? 4 : PADDING)), narrow};
	plot.scale = plot.width / (view.to - view.from);
	plot.font = "12px " + FONT;
	plot.smallFont = "10.5px " + FONT;
	plot.barFont = "11px " + FONT;
	return plot;
}

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';

function canvasPen(canvas, width, height) {
	const ratio = Math.min(3, Math.max(window.devicePixelRatio || 1, view.printing ? 2 : 1));
	if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
		canvas.width = Math.round(width * ratio);
		canvas.height = Math.round(height * ratio);
	}
	canvas.style.aspectRatio = width + " / " + height;
	const pen = canvas.getContext("2d");
	pen.setTransform(ratio, 0, 0, ratio, 0, 0);
	pen.clearRect(0, 0, width, height);
	return pen;
}

function drawnWidth(canvas) {
	return view.printing ? 1040 : Math.max(200, canvas.parentElement.clientWidth);
}

function axisDraw() {
	const canvas = byId("axis"), width = drawnWidth(canvas);
	const pen = canvasPen(canvas, width, 26), plot = plotOf(width);
	const {step, ticks} = viewTicks(plot.width);
	pen.font = plot.font;
	pen.fillStyle = view.colors.soft;
	pen.textBaseline = "middle";
	pen.strokeStyle = view.colors.line;
	for (const at of ticks) {
		const x = plot.x + (at - view.from) * plot.scale;
		const label = viewTickLabel(at, step), half = pen.measureText(label).width / 2;
		pen.textAlign = x + half > width ? "right" : "center";
		pen.fillText(label, Math.min(x, width - 1), 11);
		pen.fillRect(Math.round(x), 21, 1, 5);
	}
}

function panelGrid(pen, plot, height) {
	const ticks = viewTicks(plot.width).ticks;
	const lines = (y, tall) => {
		pen.fillStyle = view.colors.line;
		for (const at of ticks) {
			pen.fillRect(Math.round(plot.x + (at - view.from) * plot.scale), y, 1, tall);
		}
	};
	plot.grid = () => lines(0, height);
	plot.gridIn = (box) => lines(box.y, box.height);
}

function panelMake(run, several) {
	const canvas = make("canvas", {tabIndex: 0, role: "application", className: "picture",
		"aria-roledescription": "timeline"});
	const cursor = make("div", {className: "cursor", hidden: true});
	const panel = {run, canvas, cursor, several, pointers: new Map()};
	const frame = make("div", {className: "frame"}, canvas, cursor);
	panel.element = make("article", {className: "panel"}, several ? panelHeading(run) : null, frame);
	canvas.setAttribute("aria-label", "Timeline of " + run.label + ": " + plural(run.count, "task") + " on " +
		plural(run.lanes.length, "worker") + " in " + formatTime(run.wallUs) +
		". Arrow left and right pan, plus and minus zoom, up and down go through the tasks, Enter opens the" +
		" record. The table of tasks below has the same in words.");
	panelListen(panel);
	return panel;
}

function panelHeading(run) {
	const summary = run.summary;
	return make("h3", {},
		make("span", {className: "label"}, run.label), " ",
		make("span", {className: "measures"}, formatTime(run.wallUs) + " · parallelism " +
			summary.parallelism.toFixed(2) + " · concurrency " + summary.concurrency.toFixed(1)));
}

function panelHeights(panel) {
	const tall = panel.several ? 120 : Math.max(180, Math.min(420, window.innerHeight * 0.42));
	const lanes = lanesPlace(panel.run, view.printing ? Math.min(tall, 320) : tall);
	const [cores, tasks] = panel.several ? [46, 40] : [84, 64];
	return {
		lanes, cores: {y: lanes + SECTION_GAP, height: cores},
		tasks: {y: lanes + cores + 2 * SECTION_GAP, height: tasks},
		all: lanes + cores + tasks + 2 * SECTION_GAP + 2,
	};
}

// All panels: so that their areas have one scale, as they have one axis.
function panelsDraw() {
	let cores = 1, tasks = 1;
	for (const panel of panels) {
		panel.width = drawnWidth(panel.canvas);
		panel.plot = plotOf(panel.width);
		panel.plot.used = Math.max(0, Math.min(panel.plot.width, (panel.run.endUs - view.from) * panel.plot.scale));
		panel.values = areasMeasure(panel.run, Math.round(panel.plot.width));
		cores = Math.max(cores, panel.run.summary.cores * 1.15, areasMost(panel.values.cores));
		tasks = Math.max(tasks, areasMost(panel.values.tasks));
	}
	for (const panel of panels) {
		panelDraw(panel, cores, areasTop(tasks));
	}
}

function panelDraw(panel, coresTop, tasksTop) {
	const {run, plot, values, canvas} = panel, heights = panelHeights(panel);
	const pen = canvasPen(canvas, panel.width, heights.all);
	pen.font = plot.barFont;
	plot.barLetter = pen.measureText("compute.part=0123456").width / 20;
	panelGrid(pen, plot, heights.lanes);
	lanesDraw(pen, run, plot);
	pen.save();
	pen.beginPath();
	pen.rect(plot.x - 1, 0, plot.width + 2, heights.lanes);
	pen.clip();
	lanesDrawOver(pen, run, plot);
	pen.restore();
	areasDraw(pen, values.cores, heights.cores, view.colors.cores, {long: ["cores", "computing"], short: "cores"},
		plot, {top: coresTop, limit: run.summary.cores});
	areasDraw(pen, values.tasks, heights.tasks, view.colors.tasks, {long: ["tasks in", "progress"], short: "tasks"},
		plot, {top: tasksTop, limit: 0});
	panelGaps(pen, run, plot, heights.all);
	// What is drawn, in core-seconds and task-seconds: of all of the run, the summary's.
	canvas.dataset.coreSeconds = areasSum(values.cores, values.cores.length).toFixed(6);
	canvas.dataset.taskSeconds = areasSum(values.tasks, values.tasks.length).toFixed(6);
	canvas.dataset.from = (view.from / US).toFixed(6);
	canvas.dataset.to = (view.to / US).toFixed(6);
}

// Where time was cut out: a broken line through all.
function panelGaps(pen, run, plot, height) {
	pen.save();
	pen.strokeStyle = view.colors.ink;
	pen.setLineDash([2, 3]);
	pen.beginPath();
	for (const [at] of run.gaps) {
		if (at >= view.from && at <= view.to) {
			const x = Math.round(plot.x + (at - view.from) * plot.scale) + 0.5;
			pen.moveTo(x, 0);
			pen.lineTo(x, height);
		}
	}
	pen.stroke();
	pen.restore();
}

// ---- pointer

function panelListen(panel) {
	const canvas = panel.canvas;
	canvas.addEventListener("wheel", (event) => panelWheel(panel, event), {passive: false});
	canvas.addEventListener("pointerdown", (event) => panelDown(panel, event));
	canvas.addEventListener("pointermove", (event) => panelMove(panel, event));
	canvas.addEventListener("pointerup", (event) => panelUp(panel, event));
	canvas.addEventListener("pointercancel", (event) => panelUp(panel, event));
	canvas.addEventListener("pointerleave", () => panelLeave(panel));
	canvas.addEventListener("dblclick", (event) => {
		const at = panelHit(panel, event);
		if (at >= 0) {
			viewZoomTo(panel.run, panel.run.bars.task[at]);
		}
	});
	canvas.addEventListener("keydown", (event) => panelKey(panel, event));
}

function panelPlace(panel, event) {
	const box = panel.canvas.getBoundingClientRect();
	return {x: event.clientX - box.left, y: event.clientY - box.top};
}

function panelTime(panel, x) {
	return view.from + (x - panel.plot.x) / panel.plot.scale;
}

function panelHit(panel, event) {
	const {x, y} = panelPlace(panel, event);
	return lanesHit(panel.run, x, y, panel.plot);
}

let scrolledAt = -1000;
window.addEventListener("scroll", () => {
	scrolledAt = performance.now();
}, {passive: true});

// It zooms; but a page that is being scrolled goes on scrolling, and what is whole cannot grow.
function panelWheel(panel, event) {
	const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
	const held = event.ctrlKey || event.metaKey;
	if (!held && performance.now() - scrolledAt < 400) {
		return;
	}
	if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) {
		if (!viewIsWhole()) {
			event.preventDefault();
			viewPan(sideways / panel.plot.width);
		}
		return;
	}
	if (!held && event.deltaY > 0 && viewIsWhole()) {
		return;
	}
	event.preventDefault();
	const lines = event.deltaMode === 1 ? 18 : 1;
	const amount = Math.max(-240, Math.min(240, event.deltaY * lines));
	viewZoom(Math.pow(2, -amount / (event.ctrlKey ? 90 : 220)), panelTime(panel, panelPlace(panel, event).x));
}

function panelDown(panel, event) {
	if (event.button !== 0) {
		return;
	}
	panel.canvas.setPointerCapture(event.pointerId);
	panel.pointers.set(event.pointerId, panelPlace(panel, event));
	panel.drag = {from: view.from, to: view.to, x: panelPlace(panel, event).x, moved: false, select: event.shiftKey};
	if (panel.pointers.size === 2) {
		const [one, other] = [...panel.pointers.values()];
		panel.pinch = {apart: Math.max(20, Math.abs(one.x - other.x)), from: view.from, to: view.to,
			at: panelTime(panel, (one.x + other.x) / 2)};
	}
}

function panelMove(panel, event) {
	const place = panelPlace(panel, event);
	if (!panel.pointers.has(event.pointerId)) {
		panelHover(panel, event, place);
		return;
	}
	panel.pointers.set(event.pointerId, place);
	if (panel.pinch && panel.pointers.size === 2) {
		const [one, other] = [...panel.pointers.values()], pinch = panel.pinch;
		const factor = Math.max(20, Math.abs(one.x - other.x)) / pinch.apart;
		viewShow(pinch.at - (pinch.at - pinch.from) / factor, pinch.at + (pinch.to - pinch.at) / factor);
		panel.drag.moved = true;
		return;
	}
	const drag = panel.drag, away = place.x - drag.x;
	drag.moved = drag.moved || Math.abs(away) > 4;
	if (drag.moved) {
		tipHide();
		if (drag.select) {
			panelMark(panel, drag.x, place.x);
		} else {
			const shift = -away / panel.plot.width * (drag.to - drag.from);
			viewShow(drag.from + shift, drag.to + shift);
			panel.canvas.classList.add("panning");
		}
	}
}

function panelUp(panel, event) {
	const drag = panel.drag;
	panel.pointers.delete(event.pointerId);
	panel.canvas.classList.remove("panning");
	if (panel.pointers.size > 0 || !drag) {
		return;
	}
	panel.pinch = panel.drag = null;
	panel.cursor.classList.remove("range");
	if (event.type === "pointercancel") {
		return;
	}
	if (drag.moved && drag.select) {
		const one = panelTime(panel, drag.x), other = panelTime(panel, panelPlace(panel, event).x);
		viewShow(Math.min(one, other), Math.max(one, other));
	} else if (!drag.moved) {
		const at = panelHit(panel, event);
		select(at < 0 ? null : {run: panel.run, task: panel.run.bars.task[at]});
	}
}

function panelMark(panel, one, other) {
	panel.cursor.hidden = false;
	panel.cursor.classList.add("range");
	panel.cursor.style.left = Math.min(one, other) + "px";
	panel.cursor.style.width = Math.abs(one - other) + "px";
}

function panelHover(panel, event, place) {
	const plot = panel.plot, inside = place.x >= plot.x && place.x <= plot.x + plot.width;
	for (const each of panels) {
		each.cursor.hidden = !inside;
		each.cursor.style.left = place.x + "px";
		each.cursor.style.width = "";
	}
	if (!inside) {
		tipHide();
		return;
	}
	const at = lanesHit(panel.run, place.x, place.y, plot);
	panel.canvas.classList.toggle("over", at >= 0);
	tipShow(event, at >= 0 ? tipOfBar(panel.run, at) : tipOfTime(panel, place.x));
}

function panelLeave(panel) {
	for (const each of panels) {
		each.cursor.hidden = true;
	}
	panel.canvas.classList.remove("over");
	tipHide();
}

// ---- keys

function panelKey(panel, event) {
	const acts = {
		ArrowLeft: () => viewPan(-0.15), ArrowRight: () => viewPan(0.15),
		"+": () => viewZoom(1.6), "=": () => viewZoom(1.6), "-": () => viewZoom(1 / 1.6),
		"0": () => viewShow(0, view.end), Home: () => viewShow(0, view.to - view.from),
		End: () => viewShow(view.end - (view.to - view.from), view.end),
		ArrowUp: () => panelStep(panel, -1), ArrowDown: () => panelStep(panel, 1),
		Enter: () => detailsFocus(),
	};
	if (event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) {
		return;
	}
	event.preventDefault();
	acts[event.key]();
}

// The task that began before, or after, the selected one; those that search has not found aside.
function panelStep(panel, step) {
	const run = panel.run, here = view.selected && view.selected.run === run;
	let task = here ? view.selected.task + step : firstFrom(run, view.from);
	while (task >= 0 && task < run.count && lanesDimmed(run, task)) {
		task += step;
	}
	if (task >= 0 && task < run.count) {
		select({run, task});
		viewReveal(run, task);
	}
}

function firstFrom(run, us) {
	let task = 0;
	while (task < run.count - 1 && run.start[task] + run.wall[task] < us) {
		task++;
	}
	return task;
}

// ---- the tip beside the pointer

function tipShow(event, content) {
	const tip = byId("tip");
	tip.replaceChildren(...content);
	tip.hidden = false;
	const box = tip.getBoundingClientRect(), room = document.documentElement.clientWidth;
	const right = event.clientX + 16 + box.width < room;
	tip.style.left = (right ? event.clientX + 16 : Math.max(4, event.clientX - box.width - 12)) + "px";
	tip.style.top = Math.max(4, Math.min(event.clientY + 16, window.innerHeight - box.height - 8)) + "px";
}

function tipHide() {
	byId("tip").hidden = true;
}

function tipOfBar(run, at) {
	const bars = run.bars, task = bars.task[at], earlier = bars.kind[at] === EARLIER;
	const rows = recordFacts(run, task).slice(0, 5);
	const content = [make("p", {className: "name"}, taskLabel(run, task))];
	if (earlier) {
		const attempt = run.earlier.get(task).find((each) => each.start === bars.start[at]);
		content.push(make("p", {className: "note"}, "an earlier attempt: " + report.statuses[attempt.status]));
		content.push(factList([["start", formatTime(attempt.start)], ["wall", formatTime(attempt.wall)]]));
		return content;
	}
	content.push(factList(rows));
	if (run.error[task] !== 0) {
		content.push(make("p", {className: "error"}, clip(run.strings[run.error[task]], 160)));
	}
	return content;
}

function tipOfTime(panel, x) {
	const cell = Math.min(panel.values.cores.length - 1, Math.max(0, Math.floor(x - panel.plot.x)));
	return [make("p", {className: "name"}, formatTime(panelTime(panel, x))), factList([
		["cores computing", panel.values.cores[cell].toFixed(2) + " of " + panel.run.summary.cores],
		["tasks in progress", significantCount(panel.values.tasks[cell])],
	])];
}

function significantCount(n) {
	return n >= 100 || Math.abs(n - Math.round(n)) < 0.005 ? formatCount(Math.round(n)) : n.toFixed(1);
}

function factList(facts) {
	const list = make("dl", {});
	for (const [name, value] of facts) {
		list.append(make("dt", {}, name), make("dd", {}, value));
	}
	return list;
}

function clip(text, most) {
	return text.length > most ? text.slice(0, most) + "…" : text;
}
