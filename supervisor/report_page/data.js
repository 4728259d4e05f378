// data: the runs, from the JSON in the page to arrays; see report_html_data.h for what it holds.

const EARLIER = 3; // beside the classes cpu, mixed, wait: an attempt that did not count
const LANES_SHOWN = 200; // more workers share lanes

function readColumn(values, count, type, differences) {
	const column = new type(count);
	if (!Array.isArray(values)) {
		return column.fill(values);
	}
	for (let i = 0, sum = 0; i < count; i++) {
		sum = differences ? sum + values[i] : values[i];
		column[i] = sum;
	}
	return column;
}

// [shared, "rest", ...]: each begins as the one before it did.
function readNames(pairs, count) {
	const names = new Array(count);
	for (let i = 0, before = ""; i < count; i++) {
		before = before.slice(0, pairs[2 * i]) + pairs[2 * i + 1];
		names[i] = before;
	}
	return names;
}

function readRun(raw, place) {
	const count = raw.count;
	const column = (name, type, differences) => readColumn(raw[name], count, type, differences);
	const run = {
		place, count, label: raw.label, summary: raw.summary, measured: raw.measured,
		began: raw.began, idle: raw.idle, strings: raw.strings,
		gaps: raw.gaps, // [at, cut]: nothing ran, and it is left out of all times
		id: readNames(raw.id, count),
		tag: raw.tag ? readNames(raw.tag, count) : null,
		start: column("start", Float64Array, true),
		wall: column("wall", Float64Array),
		user: column("user", Float64Array),
		sys: column("sys", Float64Array),
		maxrss: column("maxrss", Float64Array),
		worker: column("worker", Int32Array),
		row: column("row", Int32Array, true),
		attempt: column("attempt", Uint16Array),
		exit: column("exit", Int32Array),
		signal: column("signal", Int32Array),
		status: column("status", Uint8Array),
		class: column("class", Uint8Array),
		name: column("name", Uint32Array),
		error: column("error", Uint32Array),
		needCount: column("need_count", Uint32Array),
		needs: raw.needs, needsMost: raw.needs_most, // of a task, that are named
		path: raw.path, // the tasks of the critical path
		outputs: new Map(raw.outputs.map((output) => [output[0], output])),
		wallUs: raw.summary.wall * US,
	};
	run.endUs = run.wallUs;
	for (let i = 0; i < count; i++) {
		run.endUs = Math.max(run.endUs, run.start[i] + run.wall[i]);
	}
	readEarlier(run, raw.earlier);
	layLanes(run, raw.rows);
	return run;
}

// The attempts that did not count, by task.
function readEarlier(run, numbers) {
	run.earlier = new Map();
	run.attempts = [];
	for (let i = 0; i < numbers.length; i += 6) {
		const [task, start, wall, status, worker, row] = numbers.slice(i, i + 6);
		const attempt = {task, start, wall, status, worker, row};
		run.attempts.push(attempt);
		if (!run.earlier.has(task)) {
			run.earlier.set(task, []);
		}
		run.earlier.get(task).push(attempt);
	}
}

// Bars: every attempt that has a row, by row and in each by time. Lanes: ranges of rows.
function layLanes(run, rows) {
	const firstRow = new Uint32Array(rows.length + 1);
	rows.forEach((many, i) => {
		firstRow[i + 1] = firstRow[i] + many;
	});
	const rowCount = firstRow[rows.length];
	const found = [];
	const add = (task, start, wall, worker, row, kind, status) => {
		if (worker >= 0) {
			found.push({task, start, wall, row: firstRow[worker] + row, kind, status});
		}
	};
	for (let i = 0; i < run.count; i++) {
		if (run.start[i] >= 0) {
			add(i, run.start[i], run.wall[i], run.worker[i], run.row[i], run.class[i], run.status[i]);
		}
	}
	for (const each of run.attempts) {
		add(each.task, each.start, each.wall, each.worker, each.row, EARLIER, each.status);
	}
	if (run.attempts.length > 0) {
		found.sort((a, b) => a.start - b.start);
	}
	run.bars = sortBars(found, rowCount, run.count);
	run.lanes = [];
	const share = Math.max(1, Math.ceil(rows.length / LANES_SHOWN));
	for (let i = 0; i < rows.length; i += share) {
		const last = Math.min(i + share, rows.length);
		run.lanes.push({
			first: firstRow[i], rows: firstRow[last] - firstRow[i],
			name: share > 1 ? i + "–" + (last - 1) : "worker " + i,
			short: share > 1 ? i + "–" + (last - 1) : "w" + i,
		});
	}
}

function sortBars(found, rowCount, taskCount) {
	const bars = {
		count: found.length, offset: new Uint32Array(rowCount + 1),
		task: new Uint32Array(found.length), start: new Float64Array(found.length),
		end: new Float64Array(found.length), kind: new Uint8Array(found.length),
		bad: new Uint8Array(found.length), row: new Uint32Array(found.length),
		ofTask: new Int32Array(taskCount).fill(-1), // the bar of the attempt that counts
	};
	for (const bar of found) {
		bars.offset[bar.row + 1]++;
	}
	for (let i = 0; i < rowCount; i++) {
		bars.offset[i + 1] += bars.offset[i];
	}
	const next = bars.offset.slice();
	for (const bar of found) {
		const at = next[bar.row]++;
		bars.task[at] = bar.task;
		bars.start[at] = bar.start;
		bars.end[at] = bar.start + bar.wall;
		bars.kind[at] = bar.kind;
		bars.bad[at] = bar.status === 0 ? 0 : 1;
		bars.row[at] = bar.row;
		if (bar.kind !== EARLIER) {
			bars.ofTask[bar.task] = at;
		}
	}
	return bars;
}

// The first bar of a row that ends after `us`; the row's end if there is none.
function barAfter(bars, row, us) {
	let low = bars.offset[row], high = bars.offset[row + 1];
	while (low < high) {
		const middle = (low + high) >> 1;
		if (bars.end[middle] > us) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return low;
}

// The tasks that a task needs, as far as the page names them; of those that need it likewise.
function needsOf(run, task) {
	findNeeds(run);
	return run.needLists.get(task) || [];
}

function neededBy(run, task) {
	findNeeds(run);
	return run.neededLists.get(task) || [];
}

function findNeeds(run) {
	if (run.needLists) {
		return;
	}
	run.needLists = new Map();
	run.neededLists = new Map();
	for (let i = 0, at = 0; i < run.count && at < run.needs.length; i++) {
		for (let k = 0; k < run.needCount[i] && k < run.needsMost; k++, at++) {
			const need = i - run.needs[at];
			listIn(run.needLists, i).push(need);
			listIn(run.neededLists, need).push(i);
		}
	}
}

function listIn(map, key) {
	let list = map.get(key);
	if (!list) {
		list = [];
		map.set(key, list);
	}
	return list;
}

// What search looks at, in lower case.
function haystack(run, statuses, classes) {
	if (!run.haystack) {
		run.haystack = new Array(run.count);
		const words = run.strings.map((string) => string.toLowerCase());
		for (let i = 0; i < run.count; i++) {
			run.haystack[i] = run.id[i].toLowerCase() + "\n" + words[run.name[i]] + "\n" +
				(run.tag ? run.tag[i].toLowerCase() : "") + "\n" + statuses[run.status[i]] + "\n" +
				(run.start[i] >= 0 ? classes[run.class[i]] : "") + "\n" + words[run.error[i]];
		}
	}
	return run.haystack;
}

function readData() {
	const raw = JSON.parse(byId("data").textContent);
	return {
		title: raw.title, made: raw.made, statuses: raw.statuses, classes: raw.classes,
		runs: raw.runs.map((run, i) => readRun(run, i)),
	};
}
