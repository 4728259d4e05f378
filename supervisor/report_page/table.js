// table: all tasks, sorted, filtered, a page at a time; and the search, which the timeline heeds too.

const PAGE_ROWS = 100;

const table = {rows: null, sort: null, down: false, page: 0, found: 0};

const tableColumns = [
	{name: "Run", several: true, key: (run) => run.place, text: (run) => run.label},
	{name: "Id", key: (run, i) => run.id[i], text: (run, i) => taskLabel(run, i), words: true},
	{name: "Name", named: true, key: (run, i) => run.strings[run.name[i]], text: (run, i) => run.strings[run.name[i]], words: true},
	{name: "Status", key: (run, i) => run.status[i], text: (run, i) => statusChip(report.statuses[run.status[i]])},
	{name: "Class", key: (run, i) => (run.start[i] < 0 ? 9 : run.class[i]), text: tableClass},
	{name: "Start (s)", number: true, key: (run, i) => (run.start[i] < 0 ? Infinity : run.start[i]),
		text: (run, i) => (run.start[i] < 0 ? "" : formatSeconds(run.start[i]))},
	{name: "Wall (s)", number: true, key: (run, i) => run.wall[i], text: (run, i) => tableTime(run, i, run.wall[i])},
	{name: "CPU (s)", number: true, key: (run, i) => run.user[i] + run.sys[i],
		text: (run, i) => tableTime(run, i, run.user[i] + run.sys[i])},
	{name: "Worker", number: true, key: (run, i) => run.worker[i], text: (run, i) => (run.worker[i] < 0 ? "" : run.worker[i])},
	{name: "Attempts", number: true, retried: true, key: (run, i) => run.attempt[i], text: (run, i) => run.attempt[i] || ""},
	{name: "Memory", number: true, measured: true, key: (run, i) => run.maxrss[i],
		text: (run, i) => (run.maxrss[i] > 0 ? formatBytes(run.maxrss[i] * 1024) : "")},
	{name: "Error", failing: true, key: (run, i) => run.strings[run.error[i]],
		text: (run, i) => clip(run.strings[run.error[i]], 200), words: true},
];

function tableClass(run, task) {
	if (run.start[task] < 0) {
		return "";
	}
	const name = report.classes[run.class[task]];
	return make("span", {className: "class " + name}, name);
}

function tableTime(run, task, us) {
	return run.start[task] < 0 ? "" : formatSeconds(us);
}

// Columns that have something to show.
function tableShown() {
	const any = (test) => report.runs.some((run) => test(run));
	const named = any((run) => run.name.some((place) => place !== 0));
	const failing = any((run) => run.error.some((place) => place !== 0));
	const measured = any((run) => run.maxrss.some((bytes) => bytes > 0));
	const retried = any((run) => run.attempt.some((attempt) => attempt > 1));
	return tableColumns.filter((column) => !(column.several && report.runs.length < 2) &&
		!(column.named && !named) && !(column.failing && !failing) && !(column.measured && !measured) && !(column.retried && !retried));
}

function tableInit() {
	table.columns = tableShown();
	table.sort = table.columns.find((column) => column.name.startsWith("Start"));
	const headings = make("tr", {});
	for (const column of table.columns) {
		column.heading = make("th", {scope: "col", className: column.number ? "number" : ""},
			button(column.name, () => tableSort(column)));
		headings.append(column.heading);
	}
	byId("table").tHead.append(headings);
	tableFillFilters();
	byId("search").addEventListener("input", () => tableFilter());
	byId("search").addEventListener("keydown", tableSearchKey);
	for (const id of ["filter-run", "filter-status", "filter-class"]) {
		byId(id).addEventListener("change", () => tableFilter());
	}
	tableFilter();
}

function tableFillFilters() {
	const fill = (id, all, choices) => {
		byId(id).append(new Option(all, ""), ...choices.map(([value, name]) => new Option(name, value)));
		byId(id).parentElement.hidden = choices.length < 2;
	};
	const statuses = new Map(), classes = new Map();
	for (const run of report.runs) {
		for (let i = 0; i < run.count; i++) {
			statuses.set(run.status[i], (statuses.get(run.status[i]) || 0) + 1);
			if (run.start[i] >= 0) {
				classes.set(run.class[i], (classes.get(run.class[i]) || 0) + 1);
			}
		}
	}
	const named = (map, names) => [...map].sort((a, b) => a[0] - b[0])
		.map(([value, count]) => [value, names[value] + " (" + formatCount(count) + ")"]);
	fill("filter-run", "all", report.runs.map((run) => [run.place, run.label]));
	fill("filter-status", "any", named(statuses, report.statuses));
	fill("filter-class", "any", named(classes, report.classes));
}

function tableFilter() {
	const wanted = byId("search").value.trim().toLowerCase();
	const choice = (id) => (byId(id).value === "" ? null : Number(byId(id).value));
	const place = choice("filter-run"), status = choice("filter-status"), kind = choice("filter-class");
	const any = wanted !== "" || place !== null || status !== null || kind !== null;
	const total = report.runs.reduce((sum, run) => sum + run.count, 0);
	const rows = new Float64Array(total);
	let found = 0;
	view.matches = any ? report.runs.map((run) => new Uint8Array(run.count)) : null;
	for (const run of report.runs) {
		const hay = wanted === "" ? null : haystack(run, report.statuses, report.classes);
		for (let i = 0; i < run.count; i++) {
			if ((hay === null || hay[i].includes(wanted)) && (place === null || run.place === place) &&
				(status === null || run.status[i] === status) &&
				(kind === null || (run.class[i] === kind && run.start[i] >= 0))) {
				rows[found++] = run.place * RUN_STEP + i;
				if (any) {
					view.matches[run.place][i] = 1;
				}
			}
		}
	}
	table.rows = rows.subarray(0, found);
	table.page = 0;
	byId("found").textContent = any ? (found === 0 ? "no task" : formatCount(found) + " of " + plural(total, "task"))
		: plural(total, "task");
	tableOrder();
	viewChanged();
}

const RUN_STEP = 2 ** 32; // a row of the table: the run's place times this, plus the task's

function tableAt(row) {
	return {run: report.runs[Math.floor(row / RUN_STEP)], task: row % RUN_STEP};
}

function tableSort(column) {
	table.down = table.sort === column ? !table.down : false;
	table.sort = column;
	table.page = 0;
	tableOrder();
	say("Sorted by " + column.name + (table.down ? ", descending" : ", ascending"));
}

function tableOrder() {
	const {key, words} = table.sort, rows = table.rows, sign = table.down ? -1 : 1;
	const keys = Array.from(rows, (row) => {
		const {run, task} = tableAt(row);
		return key(run, task);
	});
	const collator = new Intl.Collator("en", {numeric: true});
	const compare = words ? collator.compare : (a, b) => (a < b ? -1 : a > b ? 1 : 0);
	const order = Uint32Array.from(rows, (row, i) => i);
	order.sort((a, b) => sign * compare(keys[a], keys[b]) || rows[a] - rows[b]);
	table.rows = Float64Array.from(order, (i) => rows[i]);
	for (const column of table.columns) {
		const mine = column === table.sort;
		column.heading.setAttribute("aria-sort", mine ? (table.down ? "descending" : "ascending") : "none");
	}
	tableShow();
}

function tableShow() {
	const body = byId("table").tBodies[0], first = table.page * PAGE_ROWS;
	const rows = [...table.rows.subarray(first, first + PAGE_ROWS)].map(tableRow);
	body.replaceChildren(...rows);
	if (rows.length === 0) {
		body.append(make("tr", {className: "none"}, make("td", {colSpan: table.columns.length},
			"No task is like that. Clear the search, or choose other filters.")));
	}
	tablePages();
	tableMarkSelected();
}

function tableRow(row) {
	const {run, task} = tableAt(row), line = make("tr", {});
	line.dataset.row = row;
	table.columns.forEach((column) => {
		const content = column.text(run, task);
		if (column.name === "Id") {
			line.append(make("th", {scope: "row"}, button(content, () => tablePick(run, task), {className: "link"})));
		} else {
			line.append(make("td", {className: column.number ? "number" : column.words ? "words" : ""}, content));
		}
	});
	line.addEventListener("click", (event) => {
		if (event.target.tagName !== "BUTTON" && String(getSelection()) === "") {
			tablePick(run, task);
		}
	});
	return line;
}

function tablePick(run, task) {
	select({run, task});
	viewReveal(run, task);
}

function tableMarkSelected() {
	const selected = view.selected, row = selected && selected.run.place * RUN_STEP + selected.task;
	for (const line of byId("table").tBodies[0].rows) {
		const mine = selected !== null && line.dataset.row === String(row);
		line.classList.toggle("selected", mine);
	}
}

function tablePages() {
	const pages = Math.max(1, Math.ceil(table.rows.length / PAGE_ROWS));
	const go = (page) => {
		table.page = Math.max(0, Math.min(pages - 1, page));
		tableShow();
	};
	const first = table.page * PAGE_ROWS + 1, last = Math.min(table.rows.length, first + PAGE_ROWS - 1);
	const start = table.page === 0, end = table.page === pages - 1;
	byId("pages").hidden = pages < 2;
	byId("pages").replaceChildren(
		button("First", () => go(0), {disabled: start}),
		button("Previous", () => go(table.page - 1), {disabled: start}),
		make("span", {"aria-live": "polite"}, formatCount(first) + "–" + formatCount(last) + " of " + formatCount(table.rows.length)),
		button("Next", () => go(table.page + 1), {disabled: end}),
		button("Last", () => go(pages - 1), {disabled: end}));
}

// Enter goes through what was found, Shift with it backwards; Escape clears.
function tableSearchKey(event) {
	if (event.key === "Escape" && byId("search").value !== "") {
		byId("search").value = "";
		event.stopPropagation();
		tableFilter();
	} else if (event.key === "Enter" && table.rows.length > 0) {
		const selected = view.selected, now = selected === null ? -1 :
			table.rows.indexOf(selected.run.place * RUN_STEP + selected.task);
		const next = (now + (event.shiftKey ? -1 : 1) + table.rows.length) % table.rows.length;
		const {run, task} = tableAt(table.rows[now < 0 ? 0 : next]);
		table.page = Math.floor((now < 0 ? 0 : next) / PAGE_ROWS);
		tableShow();
		tablePick(run, task);
	}
}
