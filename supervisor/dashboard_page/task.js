// task: what a task wrote: from its record, or, while it runs, as it writes it.

const WROTE_MOST = 65536; // characters of what a running task writes that are kept

const taskView = {key: null, record: null, wrote: {stdout: "", stderr: ""}, events: null};

function taskForget() {
	if (taskView.events !== null) {
		taskView.events.close();
	}
	Object.assign(taskView, {key: null, record: null, wrote: {stdout: "", stderr: ""}, events: null, asked: null});
}

function bytesOf(base64) {
	return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

// What is not UTF-8 is shown as far as it is.
function outputOf(record, stream) {
	return record[stream] !== undefined ? record[stream]
		: record[stream + "_base64"] !== undefined ? new TextDecoder().decode(bytesOf(record[stream + "_base64"])) : "";
}

function outputPart(name, text, note) {
	return text === "" ? null : make("section", {className: "output"},
		make("h3", {}, name, note ? make("span", {className: "note"}, " " + note) : null), make("pre", {tabIndex: 0, "aria-label": name, role: "region"}, text));
}

function recordFacts(record) {
	const cpu = (record.user || 0) + (record.sys || 0), earlier = record.earlier || [];
	return make("section", {}, record.error ? make("p", {className: "error"}, record.error) : null, factList([
		["Name", record.name], ["Exit status", record.exit], ["Signal", record.signal],
		["Began", record.start === undefined ? null : formatDate(record.start * US)],
		["Wall", record.wall === undefined ? null : formatTime(record.wall * US)],
		["CPU", record.wall === undefined ? null : formatTime(cpu * US)],
		["Memory", record.maxrss ? formatBytes(record.maxrss) : null], ["Class", record.class], ["Worker", record.worker],
		["Attempts", record.attempt > 1 ? record.attempt : null],
		["Earlier", earlier.length > 0 ? earlier.map((each) => each.status).join(", ") : null],
		["Value", record.value === undefined ? null : clipped(JSON.stringify(record.value), 2000)]]));
}

function taskDraw() {
	if (shown.task === null || shown.job === null) {
		byId("details").hidden = true;
		document.body.classList.remove("detailed");
		return;
	}
	const record = taskView.record, running = state.running.some((each) => each.job === shown.job && each.task === shown.task);
	byId("details").hidden = false;
	document.body.classList.add("detailed");
	byId("task-title").textContent = shown.task;
	if (record !== null) {
		const none = outputOf(record, "stdout") === "" && outputOf(record, "stderr") === "";
		byId("task-state").replaceChildren(make("span", {className: "chip " + (record.status === "ok" ? "ok" : "bad")}, record.status));
		fillTask(recordFacts(record), outputPart("stdout", outputOf(record, "stdout"), record.truncated ? "cut: there was more" : ""),
			outputPart("stderr", outputOf(record, "stderr")), none ? make("p", {className: "note"}, "It wrote nothing.") : null);
	} else {
		byId("task-state").replaceChildren(running ? stateChip("running") : "");
		fillTask(make("p", {className: "note"}, running ? "It is in progress; what it writes from now on comes here." : taskView.why || "…"),
			outputPart("stdout", taskView.wrote.stdout), outputPart("stderr", taskView.wrote.stderr));
	}
}

function fillTask(...parts) {
	byId("task-body").replaceChildren(...parts.filter((part) => part !== null));
}

// The record, when there is one; what it writes until then.
async function taskAsk() {
	const key = taskView.key, job = shown.job, task = shown.task;
	try {
		const record = await (await ask("/api/v1/jobs/" + job + "/tasks/" + encodeURIComponent(task))).json();
		if (taskView.key === key) {
			taskView.record = record;
			if (taskView.events !== null) {
				taskView.events.close();
				taskView.events = null;
			}
		}
	} catch (error) {
		if (taskView.key === key) {
			taskView.why = error.message;
			taskFollow(job, task);
		}
	}
	taskDraw();
}

function taskFollow(job, task) {
	if (taskView.events !== null) {
		return;
	}
	taskView.events = new EventSource("/api/v1/events?job=" + job);
	taskView.events.addEventListener("output", (event) => {
		const said = JSON.parse(event.data);
		if (said.task === task) {
			const text = said.text !== undefined ? said.text : new TextDecoder().decode(bytesOf(said.base64));
			taskView.wrote[said.stream] = (taskView.wrote[said.stream] + text).slice(-WROTE_MOST);
			stateChanged();
		}
	});
	taskView.events.addEventListener("job", () => taskAsk());
}

function taskShow(task) {
	const key = task === null ? null : shown.job + " " + task;
	if (taskView.key === key) {
		taskDraw();
		return;
	}
	taskForget();
	taskView.key = key;
	taskView.why = "";
	taskDraw();
	if (task !== null) {
		taskAsk();
		byId("details").focus();
	}
}

function taskInit() {
	byId("task-close").addEventListener("click", taskClose);
	state.listeners.push(() => {
		if (taskView.key !== null && taskView.record === null) {
			taskDraw();
		}
	});
}

function taskClose() {
	if (shown.task !== null) {
		location.hash = "#/jobs/" + shown.job;
	}
}
