// state: what is known of the daemon: asked for once, then kept up to date by its events.

const HISTORY_US = 300e6; // of the sparklines

const state = {
	status: null,
	jobs: new Map(), // by number
	older: null, // there are more below this number
	running: [],
	runningMore: false,
	history: [], // {at, cores, tasks}: each holds until the next
	connected: false,
	write: document.documentElement.dataset.write === "true",
	listeners: [], // called once a frame, after something has changed
	pending: false,
};

function nowUs() {
	return Date.now() * 1000;
}

function stateChanged() {
	if (!state.pending) {
		state.pending = true;
		requestAnimationFrame(() => {
			state.pending = false;
			state.listeners.forEach((listener) => listener());
		});
	}
}

function banner(text, calm) {
	byId("banner").hidden = text === "";
	byId("banner").textContent = text;
	byId("banner").classList.toggle("calm", calm === true);
}

// Answers of the daemon; who is not known any more has to log in.
async function ask(path) {
	const answer = await fetch(path);
	if (answer.status === 401) {
		location.reload();
	}
	if (!answer.ok) {
		const said = await answer.json().catch(() => ({error: "the daemon answered " + answer.status}));
		throw new Error(said.error);
	}
	return answer;
}

async function wish(path, body) {
	try {
		const answer = await fetch(path, {method: "POST", headers: {"Content-Type": "application/json"},
			body: JSON.stringify(body || {})});
		const said = await answer.json();
		banner(answer.ok ? "" : said.error);
	} catch (error) {
		banner("The daemon does not answer.");
	}
}

function takeStatus(status) {
	state.status = status;
	const last = state.history[state.history.length - 1], at = nowUs();
	const cores = Math.min(status.asked, status.cores), tasks = status.computing + status.waiting;
	if (last === undefined || last.cores !== cores || last.tasks !== tasks) {
		state.history.push({at, cores, tasks});
	}
	while (state.history.length > 1 && state.history[1].at < at - HISTORY_US) {
		state.history.shift();
	}
	if (tasks > 0 || state.running.length > 0) {
		askRunning();
	}
	stateChanged();
}

// At most once a second, and only where somebody looks.
let runningAsked = 0, runningTimer = 0;

function askRunning() {
	const wait = runningAsked + 1000 - Date.now();
	if (runningTimer !== 0 || document.hidden) {
		return;
	}
	runningTimer = setTimeout(async () => {
		try {
			const answer = await (await ask("/api/v1/running?limit=" + (shown.job ? 50 + "&job=" + shown.job : 200))).json();
			state.running = answer.running;
			state.runningAt = nowUs();
			state.runningMore = answer.more;
			stateChanged();
		} catch (error) {
			// the stream of events says whether the daemon is there
		}
		runningAsked = Date.now();
		runningTimer = 0;
	}, Math.max(0, wait));
}

async function askJobs(before) {
	const answer = await (await ask("/api/v1/jobs?limit=200&before=" + (before || 9007199254740991))).json();
	for (const job of answer.jobs) {
		state.jobs.set(job.job, job);
	}
	state.older = answer.before === undefined ? null : answer.before;
	stateChanged();
}

function takeJob(job) {
	if (state.older === null || job.job >= state.older || job.job === shown.job) {
		state.jobs.set(job.job, job);
		stateChanged();
	}
}

function listen() {
	const events = new EventSource("/api/v1/events");
	const on = (name, take) => events.addEventListener(name, (event) => take(JSON.parse(event.data)));
	on("status", takeStatus);
	on("job", takeJob);
	on("jobs", () => askJobs());
	on("removed", (job) => {
		state.jobs.delete(job.job);
		stateChanged();
	});
	events.addEventListener("open", () => {
		state.connected = true;
		banner("");
		askJobs().catch((error) => banner(error.message));
	});
	events.addEventListener("error", () => {
		state.connected = false;
		banner("The daemon does not answer; what is shown may be old.", true);
		if (events.readyState === EventSource.CLOSED) {
			setTimeout(() => ask("/api/v1/status").then(listen, listen), 3000);
			events.close();
		}
		stateChanged();
	});
}
