// areas: how many cores computed, and how many tasks were in progress, over time. What a task
// computed counts evenly from its start to its end, as in areas.h.

function areasCells(count) {
	return {count, part: new Float64Array(count + 1), change: new Float64Array(count + 2)};
}

// `rate` from x to end, in cells; each cell gets what falls into it.
function areasSpread(cells, x, end, rate) {
	const from = Math.max(0, x), to = Math.min(cells.count, end);
	if (to <= from) {
		return;
	}
	const first = Math.floor(from), last = Math.floor(to);
	if (first === last) {
		cells.part[first] += rate * (to - from);
		return;
	}
	cells.part[first] += rate * (first + 1 - from);
	cells.part[last] += rate * (to - last);
	cells.change[first + 1] += rate;
	cells.change[last] -= rate;
}

// The mean of each cell.
function areasValues(cells) {
	const values = new Float64Array(cells.count);
	for (let i = 0, sum = 0; i < cells.count; i++) {
		sum += cells.change[i];
		values[i] = Math.max(0, sum + cells.part[i]);
	}
	return values;
}

// Both areas of what is in view, a value a pixel.
function areasMeasure(run, width) {
	const scale = width / (view.to - view.from);
	const cores = areasCells(width), tasks = areasCells(width);
	for (let i = 0; i < run.count; i++) {
		const start = run.start[i], long = run.wall[i] > 0 ? run.wall[i] : 1;
		if (start < 0 || start > view.to || start + long < view.from) {
			continue;
		}
		const x = (start - view.from) * scale, end = x + long * scale;
		areasSpread(cores, x, end, (run.user[i] + run.sys[i]) / long);
		areasSpread(tasks, x, end, run.wall[i] / long);
	}
	return {cores: areasValues(cores), tasks: areasValues(tasks)};
}

function areasSum(values, width) {
	return values.reduce((sum, value) => sum + value, 0) * (view.to - view.from) / width / US;
}

// A scale whose top is a round number.
function areasTop(most) {
	if (most <= 1) {
		return 1;
	}
	const power = Math.pow(10, Math.floor(Math.log10(most)));
	return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((n) => n * power).find((n) => n >= most - 1e-9);
}

function areasMost(values) {
	return values.reduce((a, b) => Math.max(a, b), 0);
}

// `scale`: the value at the top, and one that has a line; 0: none has.
function areasDraw(pen, values, box, color, name, plot, scale) {
	const y = (value) => box.y + box.height - value / scale.top * box.height;
	const used = values.subarray(0, Math.ceil(plot.used));
	pen.fillStyle = view.colors.lane;
	pen.fillRect(plot.x, box.y, plot.used, box.height);
	plot.gridIn(box);
	pen.beginPath();
	pen.moveTo(plot.x, box.y + box.height);
	used.forEach((value, x) => {
		pen.lineTo(plot.x + x, y(value));
		pen.lineTo(plot.x + x + 1, y(value));
	});
	pen.lineTo(plot.x + used.length, box.y + box.height);
	pen.fillStyle = color;
	pen.globalAlpha = 0.3;
	pen.fill();
	pen.globalAlpha = 1;
	areasStroke(pen, used, y, color, plot);
	areasScale(pen, box, name, plot, scale.limit || scale.top, y(scale.limit || scale.top), scale.limit);
}

function areasStroke(pen, values, y, color, plot) {
	pen.strokeStyle = color;
	pen.lineWidth = 1.25;
	pen.beginPath();
	values.forEach((value, x) => {
		const draw = x === 0 ? "moveTo" : "lineTo";
		pen[draw](plot.x + x, y(value));
		pen.lineTo(plot.x + x + 1, y(value));
	});
	pen.stroke();
}

// The name in the gutter, the top value, and a line at the limit.
function areasScale(pen, box, name, plot, value, y, limit) {
	pen.textAlign = "right";
	pen.textBaseline = "middle";
	pen.font = plot.font;
	pen.fillStyle = view.colors.soft;
	const lines = plot.narrow ? [name.short] : name.long;
	lines.forEach((line, i) => pen.fillText(line, plot.x - 10, box.y + box.height / 2 + 15 * (i - (lines.length - 1) / 2)));
	pen.textAlign = "left";
	pen.font = plot.smallFont;
	const label = limit ? plural(limit, "core") : formatCount(value);
	const below = y < box.y + 12;
	if (limit) {
		pen.strokeStyle = view.colors.ink;
		pen.globalAlpha = 0.6;
		pen.lineWidth = 1;
		pen.setLineDash([5, 4]);
		pen.beginPath();
		pen.moveTo(plot.x, Math.round(y) + 0.5);
		pen.lineTo(plot.x + plot.used, Math.round(y) + 0.5);
		pen.stroke();
		pen.setLineDash([]);
		pen.globalAlpha = 1;
	}
	const wide = pen.measureText(label).width + 8, top = below ? Math.max(box.y, y) + 1 : y - 14;
	pen.fillStyle = view.colors.card;
	pen.globalAlpha = 0.8;
	pen.fillRect(plot.x + 2, top, wide, 13);
	pen.globalAlpha = 1;
	pen.fillStyle = view.colors.soft;
	pen.fillText(label, plot.x + 6, top + 7);
}
