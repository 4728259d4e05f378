// lanes: a lane a worker. Where its rows have room each bar is drawn; where there are thousands of
// rows, how many tasks are in progress, by class.

const ROW_MOST = 20;
const ROW_LEAST = 4;
const ROW_TEXT = 13; // from here on a bar has its label in it
const LANE_GAP = 4;

// Gives each lane its place in a height of about `room`; returns the height that they take.
function lanesPlace(run, room) {
	const rows = run.lanes.reduce((sum, lane) => sum + Math.max(1, lane.rows), 0);
	const many = run.lanes.length > 60;
	const gap = many ? 1 : LANE_GAP;
	const fit = Math.floor((room - gap * run.lanes.length) / Math.max(1, rows));
	const share = Math.max(many ? 3 : 24, Math.floor(room / Math.max(1, run.lanes.length)) - gap);
	let y = 0;
	for (const lane of run.lanes) {
		const need = Math.max(1, lane.rows);
		lane.rowHeight = Math.min(ROW_MOST, fit >= ROW_LEAST ? fit : Math.floor(share / need));
		lane.dense = lane.rowHeight < ROW_LEAST && need > 1;
		lane.rowHeight = lane.dense ? share / need : Math.max(lane.rowHeight, Math.min(share, ROW_LEAST));
		lane.y = y;
		lane.height = lane.dense ? share : need * lane.rowHeight;
		y += lane.height + gap;
	}
	run.height = Math.max(0, y - gap);
	return run.height;
}

function lanesDraw(pen, run, plot) {
	for (const lane of run.lanes) {
		pen.fillStyle = view.colors.lane;
		pen.fillRect(plot.x, lane.y, plot.used, lane.height);
	}
	plot.grid();
	for (const lane of run.lanes) {
		lanesDrawName(pen, lane, plot);
	}
	pen.save();
	pen.beginPath();
	pen.rect(plot.x, 0, plot.width, run.height);
	pen.clip();
	for (const lane of run.lanes) {
		if (lane.dense) {
			lanesDrawDensity(pen, run, lane, plot);
		} else {
			lanesDrawRows(pen, run, lane, plot);
		}
	}
	pen.restore();
}

function lanesDrawName(pen, lane, plot) {
	if (plot.named && lane.y - plot.named.y < 16) {
		return;
	}
	plot.named = lane;
	pen.fillStyle = view.colors.soft;
	pen.font = plot.font;
	pen.textAlign = "right";
	pen.textBaseline = "middle";
	pen.fillText(plot.narrow ? lane.short : lane.name, plot.x - 10, Math.max(7, lane.y + Math.min(lane.height / 2, 10)));
	if (lane.dense && lane.height >= 34 && !plot.narrow) {
		pen.fillStyle = view.colors.faint;
		pen.font = plot.smallFont;
		pen.fillText("up to " + formatCount(lane.rows), plot.x - 10, lane.y + 25);
	}
}

function lanesDimmed(run, task) {
	return view.matches !== null && view.matches[run.place][task] === 0;
}

function lanesDrawRows(pen, run, lane, plot) {
	const height = lane.rowHeight - (lane.rowHeight >= ROW_LEAST ? 1 : 0);
	const wide = [];
	for (let row = 0; row < lane.rows; row++) {
		const y = lane.y + row * lane.rowHeight;
		lanesDrawRow(pen, run, lane.first + row, y, height, plot, wide);
	}
	for (const at of wide) {
		lanesDrawBar(pen, run, at, lane, height, plot);
	}
}

// Bars that are narrower than a pixel share it: each class as high as the part of it that it fills.
function lanesDrawRow(pen, run, row, y, height, plot, wide) {
	const bars = run.bars, last = bars.offset[row + 1], scale = plot.scale;
	const bin = {covered: new Float64Array(4), bad: false, dim: true};
	let pixel = -1;
	for (let at = barAfter(bars, row, view.from); at < last && bars.start[at] < view.to; at++) {
		const x = (bars.start[at] - view.from) * scale, width = (bars.end[at] - bars.start[at]) * scale;
		if (width >= 1.5) {
			wide.push(at);
			continue;
		}
		const here = Math.max(0, Math.floor(x));
		if (here !== pixel) {
			lanesDrawBin(pen, bin, plot.x + pixel, y, height);
			pixel = here;
		}
		bin.covered[bars.kind[at]] += Math.max(width, 1e-6);
		bin.bad = bin.bad || bars.bad[at] === 1;
		bin.dim = bin.dim && lanesDimmed(run, bars.task[at]);
	}
	lanesDrawBin(pen, bin, plot.x + pixel, y, height);
}

const BIN_LEAST = 0.2; // of the row: else a short task could not be seen at all

function lanesDrawBin(pen, bin, x, y, height) {
	const all = bin.covered[0] + bin.covered[1] + bin.covered[2] + bin.covered[3];
	if (all > 0) {
		const scale = height * Math.max(Math.min(1, all), BIN_LEAST) / all;
		let bottom = y + height;
		pen.globalAlpha = bin.dim ? 0.2 : 1;
		bin.covered.forEach((part, kind) => {
			if (part > 0) {
				pen.fillStyle = view.colors.kinds[kind];
				pen.fillRect(x, bottom - part * scale, 1, part * scale);
				bottom -= part * scale;
			}
		});
		if (bin.bad) {
			pen.fillStyle = view.colors.bad;
			pen.fillRect(x - 0.5, y, 2, Math.max(2, height / 3));
		}
		pen.globalAlpha = 1;
	}
	bin.covered.fill(0);
	bin.bad = false;
	bin.dim = true;
}

function lanesBarBox(run, at, lane, plot) {
	const bars = run.bars, row = bars.row[at] - lane.first;
	const left = Math.max((bars.start[at] - view.from) * plot.scale, -4);
	const right = Math.min((bars.end[at] - view.from) * plot.scale, plot.width + 4);
	return {
		x: plot.x + left, width: Math.max(1.5, right - left - (right - left > 4 ? 0.75 : 0)),
		y: lane.dense ? lane.y + lane.height - (row + 1) * lane.rowHeight : lane.y + row * lane.rowHeight,
	};
}

function lanesDrawBar(pen, run, at, lane, height, plot) {
	const bars = run.bars, box = lanesBarBox(run, at, lane, plot), task = bars.task[at];
	lanesPaintBar(pen, box.x, box.y, box.width, height, bars.kind[at], bars.bad[at] === 1,
		lanesDimmed(run, task));
	if (height >= ROW_TEXT - 1 && box.width > 26) {
		lanesLabel(pen, run, at, box, height, plot);
	}
}

// Also paints what the legend shows.
function lanesPaintBar(pen, x, y, width, height, kind, bad, dim) {
	const round = width > 6 && height > 6 ? 2.5 : 0;
	const colors = view.colors;
	colors.hatches = colors.hatches || {bad: viewHatch(pen, colors.bad), earlier: viewHatch(pen, colors.earlier)};
	pen.globalAlpha = dim ? 0.16 : 1;
	pen.beginPath();
	pen.roundRect(x, y, width, height, round);
	if (kind === EARLIER) {
		pen.fillStyle = colors.card;
		pen.fill();
		pen.fillStyle = colors.hatches[bad ? "bad" : "earlier"];
		pen.globalAlpha *= 0.55;
	} else {
		pen.fillStyle = colors.kinds[kind];
		pen.globalAlpha *= bad ? 0.45 : 1;
	}
	pen.fill();
	pen.globalAlpha = dim ? 0.16 : 1;
	if (bad && kind !== EARLIER) {
		pen.fillStyle = colors.hatches.bad;
		pen.fill();
	}
	if ((bad || kind === EARLIER) && width > 3) {
		pen.strokeStyle = bad ? colors.bad : colors.earlier;
		pen.lineWidth = 1.5;
		pen.setLineDash(kind === EARLIER ? [3, 2] : []);
		pen.beginPath();
		pen.roundRect(x + 0.75, y + 0.75, width - 1.5, height - 1.5, round);
		pen.stroke();
		pen.setLineDash([]);
	}
	pen.globalAlpha = 1;
}

function lanesLabel(pen, run, at, box, height, plot) {
	const bars = run.bars, task = bars.task[at];
	const left = Math.max(box.x, plot.x) + 5, room = Math.min(box.x + box.width, plot.x + plot.width) - left - 3;
	let label = taskLabel(run, task);
	pen.font = plot.barFont;
	if (room < 20) {
		return;
	}
	if (label.length * plot.barLetter > room && pen.measureText(clip(label, 200)).width > room) {
		const fits = Math.floor(room / plot.barLetter);
		label = fits < 4 ? "" : label.slice(0, fits - 1) + "…";
	}
	const striped = bars.bad[at] === 1 || bars.kind[at] === EARLIER;
	pen.textAlign = "left";
	pen.textBaseline = "middle";
	pen.globalAlpha = lanesDimmed(run, task) ? 0.3 : 1;
	if (striped && label !== "") {
		pen.fillStyle = view.colors.card;
		pen.globalAlpha *= 0.8;
		pen.fillRect(left - 3, box.y + 2, Math.min(room, pen.measureText(label).width + 6), height - 4);
		pen.globalAlpha /= 0.8;
	}
	pen.fillStyle = striped ? view.colors.ink : view.colors.onKinds[bars.kind[at]];
	pen.fillText(label, left, box.y + height / 2 + 0.5);
	pen.globalAlpha = 1;
}

function taskLabel(run, task) {
	return (run.tag && run.tag[task]) || run.id[task];
}

// ---- density: of thousands of rows, how many are taken, by class

function lanesDrawDensity(pen, run, lane, plot) {
	const bars = run.bars, width = Math.ceil(plot.width);
	const counts = [0, 1, 2, 3].map(() => areasCells(width)), bad = new Uint8Array(width + 1);
	for (let at = bars.offset[lane.first]; at < bars.offset[lane.first + lane.rows]; at++) {
		if (bars.end[at] < view.from || bars.start[at] > view.to) {
			continue;
		}
		const x = (bars.start[at] - view.from) * plot.scale, end = (bars.end[at] - view.from) * plot.scale;
		if (lanesDimmed(run, bars.task[at])) {
			continue;
		}
		areasSpread(counts[bars.kind[at]], x, end, 1);
		if (bars.bad[at] === 1) {
			bad[Math.max(0, Math.min(width - 1, Math.floor(x)))] = 1;
		}
	}
	const base = new Float64Array(width);
	for (const kind of [0, 1, 2, 3]) {
		const heights = areasValues(counts[kind]);
		pen.fillStyle = view.colors.kinds[kind];
		pen.beginPath();
		for (let x = 0; x < width; x++) {
			const height = heights[x] / lane.rows * lane.height;
			if (height > 0) {
				pen.rect(plot.x + x, lane.y + lane.height - base[x] - height, 1, Math.max(height, 0.5));
				base[x] += height;
			}
		}
		pen.fill();
	}
	pen.fillStyle = view.colors.bad;
	for (let x = 0; x < width; x++) {
		if (bad[x] === 1) {
			pen.fillRect(plot.x + x - 0.5, lane.y, 2, Math.min(5, Math.max(1, lane.height / 3)));
		}
	}
}

// ---- what is under the pointer

// The bar there, or -1. In a dense lane: one of those in progress, from bottom to top by class.
function lanesHit(run, x, y, plot) {
	const lane = run.lanes.find((each) => y >= each.y && y < each.y + each.height);
	if (!lane || x < plot.x || x > plot.x + plot.width) {
		return -1;
	}
	const us = view.from + (x - plot.x) / plot.scale, slack = 2.5 / plot.scale;
	if (lane.dense) {
		const now = lanesNow(run, lane, us);
		const place = Math.floor((lane.y + lane.height - y) / lane.height * lane.rows);
		return place < now.length ? now[place] : -1;
	}
	const row = Math.floor((y - lane.y) / lane.rowHeight);
	return row < 0 || row >= lane.rows ? -1 : lanesNearest(run.bars, lane.first + row, us, slack);
}

function lanesNearest(bars, row, us, slack) {
	let best = -1, distance = slack;
	const first = Math.max(bars.offset[row], barAfter(bars, row, us) - 1);
	for (let at = first; at < Math.min(first + 3, bars.offset[row + 1]); at++) {
		const away = us < bars.start[at] ? bars.start[at] - us : us > bars.end[at] ? us - bars.end[at] : 0;
		if (away <= distance && (best < 0 || away < distance)) {
			best = at;
			distance = away;
		}
	}
	return best;
}

function lanesNow(run, lane, us) {
	const bars = run.bars, kinds = [[], [], [], []];
	for (let row = lane.first; row < lane.first + lane.rows; row++) {
		const at = barAfter(bars, row, us);
		if (at < bars.offset[row + 1] && bars.start[at] <= us) {
			kinds[bars.kind[at]].push(at);
		}
	}
	return kinds[0].concat(kinds[1], kinds[2], kinds[3]);
}

function laneOfRow(run, row) {
	return run.lanes.find((lane) => row >= lane.first && row < lane.first + lane.rows);
}

// ---- what is drawn on top: the selected task, its needs, the critical path

function lanesDrawOver(pen, run, plot) {
	if (view.showPath && run.path.length > 1) {
		for (let i = 1; i < run.path.length && i < 500; i++) {
			lanesDrawLink(pen, run, run.path[i - 1], run.path[i], plot, 2);
		}
		for (const task of run.path.slice(0, 500)) {
			lanesDrawFrame(pen, run, task, plot, 1.5);
		}
	}
	if (view.selected === null || view.selected.run !== run) {
		return;
	}
	const task = view.selected.task;
	for (const need of needsOf(run, task)) {
		lanesDrawLink(pen, run, need, task, plot, 1.25);
	}
	for (const other of neededBy(run, task).slice(0, 50)) {
		lanesDrawLink(pen, run, task, other, plot, 1.25);
	}
	lanesDrawFrame(pen, run, task, plot, 2.5);
}

function lanesDrawFrame(pen, run, task, plot, thick) {
	const at = run.bars.ofTask[task];
	if (at < 0 || run.bars.end[at] < view.from || run.bars.start[at] > view.to) {
		return;
	}
	const lane = laneOfRow(run, run.bars.row[at]), box = lanesBarBox(run, at, lane, plot);
	const height = Math.max(3, lane.rowHeight - 1);
	pen.strokeStyle = view.colors.accent;
	pen.lineWidth = thick;
	pen.beginPath();
	pen.roundRect(box.x - 1, box.y - 1, Math.max(4, box.width + 2), height + 2, 3);
	pen.stroke();
}

function lanesDrawLink(pen, run, from, to, plot, thick) {
	const bars = run.bars, one = bars.ofTask[from], other = bars.ofTask[to];
	if (one < 0 || other < 0) {
		return;
	}
	const place = (at) => {
		const lane = laneOfRow(run, bars.row[at]), box = lanesBarBox(run, at, lane, plot);
		return box.y + lane.rowHeight / 2;
	};
	const x1 = plot.x + (bars.end[one] - view.from) * plot.scale, y1 = place(one);
	const x2 = plot.x + (bars.start[other] - view.from) * plot.scale, y2 = place(other);
	const bend = Math.max(10, Math.abs(x2 - x1) / 2);
	pen.strokeStyle = view.colors.accent;
	pen.lineWidth = thick;
	pen.globalAlpha = 0.8;
	pen.beginPath();
	pen.moveTo(x1, y1);
	pen.bezierCurveTo(x1 + Math.min(bend, 60), y1, x2 - Math.min(bend, 60), y2, x2, y2);
	pen.stroke();
	pen.beginPath();
	pen.moveTo(x2, y2);
	pen.lineTo(x2 - 5, y2 - 3.5);
	pen.lineTo(x2 - 5, y2 + 3.5);
	pen.fillStyle = view.colors.accent;
	pen.fill();
	pen.globalAlpha = 1;
}
