// job: a job's view: facts, what is in progress, its records. What came from tasks and clients is
// only ever text.

const RECORDS_MOST = 20000, ROWS_MOST = 500;

// What is looked at: a job, and a task of it.
const shown = {job: null, task: null};

const jobView = {job: null, records: new Map(), cut: false, reading: null, seen: -1, filter: "", onlyBad: false};

function timeOf(seconds) {
	return seconds === undefined ? null : formatDate(seconds * US);
}

function factList(pairs) {
	const list = make("dl", {});
	for (const [name, value] of pairs) {
		if (value !== null && value !== undefined && value !== "") {
			list.append(make("dt", {}, name), make("dd", {}, value));
		}
	}
	return list;
}

function jobFacts(job) {
	const statuses = Object.entries(job.tasks).filter(([, count]) => count > 0)
		.map(([name, count]) => formatCount(count) + " " + name).join(", ");
	const after = (job.after || []).map((number) => make("a", {href: "#/jobs/" + number}, "job " + number));
	return [
		factList([["Tasks", tasksText(job) + (statuses ? ": " + statuses : "")], ["In progress", job.running ? formatCount(job.running) + (job.computing ? ", of which " + formatCount(job.computing) + " compute" : "") : ""],
			["Wall of its tasks", formatTime(job.wall * US)], ["CPU of its tasks", formatTime(job.cpu * US)], ["Results", formatBytes(job.result_bytes)]]),
		factList([["Submitted", timeOf(job.submitted)], ["Began", timeOf(job.began)], ["Ended", timeOf(job.ended)], ["Took", tookOf(job)]]),
		factList([["File", job.file], ["Directory", job.directory], ["Priority", job.priority + ", weight " + job.weight],
			["After", after.length > 0 ? make("span", {}, ...after.flatMap((link, i) => (i > 0 ? [", ", link] : [link]))) : null],
			["Why", job.reason]]),
	].map((list) => make("section", {}, list));
}

function jobActions(job) {
	if (!state.write) {
		return [];
	}
	const act = (label, what, body) => button(label, () => wish("/api/v1/jobs/" + job.job + "/" + what, body));
	if (job.phase === "ended") {
		return job.outcome === "ok" ? [act("Run again", "retry", {failed: false})]
			: [act("Run again what did not end ok", "retry", {failed: true})];
	}
	return [job.paused || job.phase === "held" ? act("Resume", "resume") : act("Pause", "pause"),
		button("Cancel", () => confirm("Cancel job " + job.job + "?") && wish("/api/v1/jobs/" + job.job + "/cancel"))];
}

function jobDraw() {
	const job = state.jobs.get(shown.job);
	if (byId("job-view").hidden || job === undefined) {
		return;
	}
	const says = JSON.stringify(job);
	byId("job-title").textContent = "Job " + job.job + ": " + jobName(job);
	document.title = "job " + job.job + " · stint";
	if (jobView.says !== says) {
		jobView.says = says;
		byId("job-state").replaceChildren(stateChip(stateOf(job)));
		byId("job-actions").replaceChildren(...jobActions(job));
		byId("job-facts").replaceChildren(...jobFacts(job));
		progressBar(job, byId("job-bar"));
	}
	if (doneOf(job) !== jobView.seen && jobView.reading === null) {
		recordsRead(job);
	}
	jobRunningDraw();
}

function jobRunningDraw() {
	const list = state.running.filter((each) => each.job === shown.job).slice(0, 50);
	byId("job-running-section").hidden = list.length === 0;
	byId("job-running").replaceChildren(...list.map((each) => make("li", {},
		make("a", {href: taskHash(each.job, each.task), className: "chip running"}, clipped(each.task, 60) + " " + formatAge(each.for * US)))));
}

// ---- records ----

// The lines of an answer, one after the other, until `take` has enough of them.
async function eachLine(answer, signal, take) {
	const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
	let rest = "";
	for (;;) {
		const {value, done} = await reader.read();
		if (done || signal.aborted) {
			return;
		}
		const lines = (rest + value).split("\n");
		rest = lines.pop();
		for (const line of lines) {
			if (line !== "" && !take(JSON.parse(line))) {
				reader.cancel();
				return;
			}
		}
	}
}

// A task's last record counts. Output is left where it is: it is asked for when somebody looks.
async function recordsRead(job) {
	const reading = new AbortController(), records = new Map();
	jobView.reading = reading;
	const done = doneOf(job);
	try {
		const answer = await ask("/api/v1/jobs/" + job.job + "/results");
		jobView.cut = false;
		await eachLine(answer, reading.signal, (record) => {
			const {id, name, status, wall, user, sys, worker, attempt, error} = record;
			records.delete(id);
			records.set(id, {id, name, status, wall, cpu: (user || 0) + (sys || 0), worker, attempt, error});
			jobView.cut = records.size >= RECORDS_MOST;
			return !jobView.cut;
		});
		if (!reading.signal.aborted) {
			jobView.records = records;
			jobView.seen = done;
			recordsDraw();
			taskDraw();
		}
	} catch (error) {
		if (!reading.signal.aborted) {
			banner(error.message);
		}
	}
	// One after the other, and not more often than a person can look; a long one is read less often.
	setTimeout(() => {
		if (jobView.reading === reading) {
			jobView.reading = null;
			stateChanged();
		}
	}, 1000 + records.size);
}

function recordMatches(record) {
	return (!jobView.onlyBad || record.status !== "ok") &&
		(record.id + " " + (record.name || "") + " " + (record.error || "")).toLowerCase().includes(jobView.filter);
}

function recordRow(record) {
	const never = record.wall === undefined;
	const row = make("tr", {},
		make("th", {scope: "row", className: "words"}, make("a", {href: taskHash(shown.job, record.id)}, clipped(record.id, 200)),
			record.name && record.name !== record.id ? make("span", {className: "about"}, clipped(record.name, 200)) : null),
		make("td", {}, make("span", {className: "chip " + (record.status === "ok" ? "ok" : "bad")}, record.status)),
		make("td", {className: "number"}, never ? "" : formatTime(record.wall * US)),
		make("td", {className: "number"}, never ? "" : formatTime(record.cpu * US)),
		make("td", {className: "number"}, record.worker === undefined || record.worker < 0 ? "" : record.worker),
		make("td", {className: "number"}, record.attempt > 1 ? record.attempt : ""),
		make("td", {className: "words"}, clipped(record.error || "", 200)));
	row.addEventListener("click", () => {
		location.hash = taskHash(shown.job, record.id);
	});
	return row;
}

// What did not end ok comes first.
function recordsDraw() {
	const all = [...jobView.records.values()].filter(recordMatches);
	const list = [...all.filter((each) => each.status !== "ok"), ...all.filter((each) => each.status === "ok")].slice(0, ROWS_MOST);
	fillRows(byId("records").tBodies[0], list, (each) => each.id, recordRow,
		jobView.records.size === 0 ? "No task has ended yet." : "No task is like that.");
	byId("task-found").textContent = (list.length < all.length ? "the first " + formatCount(list.length) + " of " : "") +
		plural(all.length, "task") + (jobView.cut ? ", among the first " + formatCount(RECORDS_MOST) + " records" : "");
}

// ---- which one ----

async function jobShow(number) {
	if (jobView.job === number) {
		return;
	}
	if (jobView.reading !== null) {
		jobView.reading.abort();
	}
	if (jobView.events !== undefined) {
		jobView.events.close();
	}
	Object.assign(jobView, {job: number, records: new Map(), cut: false, reading: null, seen: -1, says: "", events: undefined});
	taskForget();
	if (number === null) {
		return;
	}
	recordsDraw();
	byId("report").href = "/jobs/" + number + "/report";
	byId("all-output").href = "/api/v1/jobs/" + number + "/output";
	byId("all-results").href = "/api/v1/jobs/" + number + "/results";
	byId("all-results").download = "job-" + number + ".jsonl";
	for (const id of ["job-title", "job-state", "job-actions", "job-facts", "job-bar"]) {
		byId(id).replaceChildren();
	}
	try {
		state.jobs.set(number, await (await ask("/api/v1/jobs/" + number)).json());
		askRunning();
		stateChanged();
	} catch (error) {
		byId("job-title").textContent = "Job " + number;
		banner(error.message);
	}
}

function jobInit() {
	byId("task-filter").addEventListener("input", () => {
		jobView.filter = byId("task-filter").value.trim().toLowerCase();
		recordsDraw();
	});
	byId("only-bad").addEventListener("change", () => {
		jobView.onlyBad = byId("only-bad").checked;
		recordsDraw();
	});
	state.listeners.push(jobDraw);
}
