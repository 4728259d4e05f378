// queue: the first view: measures, jobs, workers.

const queueView = {filter: "", phase: "", chosen: null, rows: []};

function stateOf(job) {
	return job.phase === "ended" ? job.outcome : job.paused && job.phase !== "held" ? "paused" : job.phase;
}

function stateChip(name) {
	const kind = {ok: "ok", failed: "bad", broken: "bad"}[name] || name;
	return make("span", {className: "chip " + kind}, name);
}

function doneOf(job) {
	return Object.values(job.tasks).reduce((sum, each) => sum + each, 0);
}

function totalText(job) {
	return (job.total_estimated ? "~" : "") + formatCount(job.total);
}

// Ok, not ok, in progress, and the rest, as parts of a line.
function progressBar(job, bar) {
	const done = doneOf(job), bad = done - job.tasks.ok, total = Math.max(job.total || 0, done + job.running, 1);
	const part = (kind, count) => {
		const piece = make("span", {className: kind});
		piece.style.width = 100 * count / total + "%";
		return piece;
	};
	bar.replaceChildren(part("ok", job.tasks.ok), part("bad", bad), part("now", job.running));
	bar.setAttribute("role", "img");
	bar.setAttribute("aria-label", plural(job.tasks.ok, "task") + " ok, " + formatCount(bad) + " not ok, of " +
		(job.total ? totalText(job) : "a number that is not known yet"));
	return bar;
}

function tasksText(job) {
	const done = doneOf(job);
	return done === 0 && !job.total ? "" : formatCount(done) + (job.total ? " of " + totalText(job) : "");
}

function jobName(job) {
	return job.name || job.file || "job " + job.job;
}

function jobAge(job) {
	return formatAge(nowUs() - job.submitted * US);
}

// What took less than a second is not told apart where ages are.
function formatAge(us) {
	return us < 60 * US ? Math.max(0, Math.floor(us / US)) + " s" : formatTime(us);
}

function tookOf(job) {
	if (job.began === undefined) {
		return "";
	}
	const us = (job.ended === undefined ? nowUs() / US : job.ended) * US - job.began * US;
	return job.ended === undefined ? formatAge(us) : formatTime(Math.max(0, us));
}

function jobMatches(job) {
	const words = (job.job + " " + (job.name || "") + " " + (job.file || "")).toLowerCase();
	const phase = queueView.phase;
	return words.includes(queueView.filter) &&
		(phase === "" || phase === job.phase || phase === job.outcome || (phase === "open" && job.phase !== "ended"));
}

// What may go on first, then what ended last.
function jobsInOrder() {
	const rank = {running: 0, queued: 1, held: 2, ended: 3};
	return [...state.jobs.values()].filter(jobMatches).sort((a, b) =>
		rank[a.phase] - rank[b.phase] || (a.phase === "ended" ? b.job - a.job : b.priority - a.priority || a.job - b.job));
}

function jobRow(job) {
	const name = make("a", {href: "#/jobs/" + job.job}, jobName(job));
	const about = job.reason || (job.name && job.file ? job.file : "");
	const row = make("tr", {className: job.job === queueView.chosen ? "chosen" : ""},
		make("td", {className: "number"}, job.job),
		make("th", {scope: "row", className: "words"}, name, about ? make("span", {className: "about"}, clipped(about, 200)) : null),
		make("td", {}, stateChip(stateOf(job))),
		make("td", {}, progressBar(job, make("div", {className: "progress"}))),
		make("td", {className: "number"}, tasksText(job)),
		make("td", {className: "number"}, job.running ? formatCount(job.running) : ""),
		make("td", {className: "number age"}, jobAge(job)),
		make("td", {className: "number took"}, tookOf(job)),
		make("td", {className: "number"}, job.priority || ""));
	row.dataset.job = job.job;
	row.addEventListener("click", () => {
		location.hash = "#/jobs/" + job.job;
	});
	return row;
}

function clipped(text, most) {
	return text.length > most ? text.slice(0, most) + "…" : text;
}

// Rows that say the same as before stay, so that focus and selection do.
function fillRows(body, things, key, makeRow, none) {
	const columns = body.parentElement.tHead.rows[0].cells.length, old = new Map();
	for (const row of body.rows) {
		old.set(row.dataset.key, row);
	}
	const rows = things.map((thing) => {
		const name = key(thing), says = JSON.stringify(thing), before = old.get(name);
		if (before !== undefined && before.says === says) {
			return before;
		}
		const row = makeRow(thing);
		row.dataset.key = name;
		row.says = says;
		if (before !== undefined && before.contains(document.activeElement)) {
			row.refocus = true;
		}
		return row;
	});
	if (rows.length === 0) {
		rows.push(make("tr", {className: "none"}, make("td", {colSpan: columns}, none)));
	}
	if (rows.length !== body.rows.length || rows.some((row, i) => body.rows[i] !== row)) {
		body.replaceChildren(...rows);
	}
	for (const row of rows) {
		if (row.refocus) {
			row.refocus = false;
			(row.querySelector("a, button") || row).focus();
		}
	}
	return rows;
}

function measuresDraw() {
	const status = state.status;
	if (status === null) {
		return;
	}
	const bad = Object.entries(status.tasks).filter(([name]) => name !== "ok").reduce((sum, [, count]) => sum + count, 0);
	const set = (id, text) => {
		byId(id).textContent = text;
	};
	set("cores", Math.min(status.asked, status.cores).toFixed(1));
	set("cores-of", "of " + status.cores);
	set("progress", formatCount(status.computing + status.waiting));
	set("progress-of", formatCount(status.computing) + " compute, " + formatCount(status.waiting) + " wait");
	set("ready", formatCount(status.ready));
	set("ready-about", plural(status.workers, "worker"));
	set("ended", formatCount(status.tasks.ok + bad));
	set("ended-about", (bad === 0 ? "all ok" : formatCount(bad) + " not ok") + ", since the daemon started");
	set("open", formatCount(status.jobs.held + status.jobs.queued + status.jobs.running));
	set("open-about", formatCount(status.jobs.running) + " running, " + formatCount(status.jobs.queued) + " queued, " +
		formatCount(status.jobs.held) + " held");
	set("made", "stint " + status.release + ", up for " + formatAge(status.up * US));
	sparksDraw();
}

function headDraw() {
	const status = state.status;
	if (status === null) {
		return;
	}
	const words = status.broken ? "Nothing is taken any more: " + status.broken
		: status.store_hangs ? "Waiting: " + status.store_hangs
		: status.trouble ? "Paused: " + status.trouble
		: status.paused ? "Paused: what runs goes on, nothing more is started."
			: status.draining ? "Draining: no more jobs are taken."
				: status.computing + status.waiting > 0 ? "Running." : "Idle.";
	if (byId("facts").textContent !== words) {
		byId("facts").textContent = words;
	}
	byId("queue-pause").hidden = !state.write;
	byId("queue-pause").textContent = status.paused || status.draining ? "Resume the queue" : "Pause the queue";
}

function queueDraw() {
	if (byId("queue-view").hidden) {
		return;
	}
	measuresDraw();
	const jobs = jobsInOrder(), filtered = queueView.filter !== "" || queueView.phase !== "";
	if (queueView.chosen !== null && !jobs.some((job) => job.job === queueView.chosen)) {
		queueView.chosen = null;
	}
	queueView.rows = jobs.map((job) => job.job);
	fillRows(byId("jobs").tBodies[0], jobs, (job) => String(job.job), jobRow,
		filtered ? "No job is like that." : "There are no jobs: stint submit FILE makes one.");
	for (const row of byId("jobs").tBodies[0].rows) {
		row.classList.toggle("chosen", Number(row.dataset.job) === queueView.chosen);
	}
	byId("found").textContent = filtered ? formatCount(jobs.length) + " of " + plural(state.jobs.size, "job") : "";
	byId("more-line").hidden = state.older === null;
	runningDraw();
	agesDraw();
}

function agesDraw() {
	for (const row of byId("jobs").tBodies[0].rows) {
		const job = state.jobs.get(Number(row.dataset.job));
		if (job !== undefined) {
			row.querySelector(".age").textContent = jobAge(job);
			row.querySelector(".took").textContent = tookOf(job);
		}
	}
}

// ---- workers ----

function runningRow(each) {
	return make("tr", {},
		make("td", {className: "number"}, each.worker < 0 ? "" : each.worker),
		make("th", {scope: "row", className: "words"}, make("a", {href: taskHash(each.job, each.task)}, clipped(each.task, 200)),
			each.tag && each.tag !== each.task ? make("span", {className: "about"}, clipped(each.tag, 200)) : null),
		make("td", {}, make("a", {href: "#/jobs/" + each.job}, "job " + each.job)),
		make("td", {}, make("span", {className: "class " + (each.computes ? "cpu" : "wait")}, each.computes ? "computes" : "waits")),
		make("td", {className: "number"}, each.use === undefined ? "" : each.use.toFixed(2)),
		make("td", {className: "number"}, formatAge(each.for * US)),
		make("td", {className: "number"}, each.attempt > 1 ? each.attempt : ""));
}

function runningDraw() {
	const list = [...state.running].sort((a, b) => b.computes - a.computes || a.worker - b.worker || b.for - a.for);
	fillRows(byId("running").tBodies[0], list, (each) => each.job + " " + each.task, runningRow, "Nothing is in progress.");
	byId("running-note").textContent = state.runningMore ? "the first " + list.length + " tasks in progress" : "";
}

function taskHash(job, task) {
	return "#/jobs/" + job + "/tasks/" + encodeURIComponent(task);
}

// ---- keys ----

function queueMove(step) {
	const rows = queueView.rows;
	if (rows.length === 0) {
		return;
	}
	const at = rows.indexOf(queueView.chosen);
	queueView.chosen = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))];
	queueDraw();
	const job = state.jobs.get(queueView.chosen);
	say("job " + job.job + ", " + jobName(job) + ", " + stateOf(job));
	byId("jobs").querySelector(".chosen").scrollIntoView({block: "nearest"});
}

function queueKey(event) {
	if (event.key === "ArrowDown" || event.key === "j") {
		queueMove(1);
	} else if (event.key === "ArrowUp" || event.key === "k") {
		queueMove(-1);
	} else if (event.key === "Enter" && queueView.chosen !== null) {
		location.hash = "#/jobs/" + queueView.chosen;
	} else {
		return;
	}
	event.preventDefault();
}

function queueInit() {
	byId("filter").addEventListener("input", () => {
		queueView.filter = byId("filter").value.trim().toLowerCase();
		queueDraw();
	});
	byId("filter-phase").addEventListener("change", () => {
		queueView.phase = byId("filter-phase").value;
		queueDraw();
	});
	byId("more").addEventListener("click", () => askJobs(state.older).catch((error) => banner(error.message)));
	byId("queue-pause").addEventListener("click", () =>
		wish("/api/v1/" + (state.status.paused || state.status.draining ? "resume" : "pause")));
	state.listeners.push(headDraw, queueDraw);
}
